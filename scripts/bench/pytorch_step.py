"""A contestant of the benchmark: the same training step in eager PyTorch on the CPU.

Network and recipe come as JSON in the first argument (see pytorch.ts), the protocol is in contestant-process.ts. The
batch lies ready as a tensor: images are neither read nor augmented here, which the other contestants do.
"""

import json
import sys
import time

try:
    import torch
    from torch import nn
except Exception as error:  # a wheel without its libraries raises more than ImportError
    print(json.dumps({"absent": f"Python has no PyTorch that loads ({type(error).__name__})"}), flush=True)
    sys.exit(0)


ACTIVATIONS = {
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "swish": nn.SiLU,
    "mish": nn.Mish,
    "sigmoid": nn.Sigmoid,
    "logSigmoid": nn.LogSigmoid,
    "tanh": nn.Tanh,
    "hardTanh": nn.Hardtanh,
    "hardSwish": nn.Hardswish,
    "hardSigmoid": nn.Hardsigmoid,
    "softplus": nn.Softplus,
    "softsign": nn.Softsign,
    "linear": nn.Identity,
}
PADDING_MODES = {"zeros": "constant", "replicate": "replicate", "reflect": "reflect"}


class Pad(nn.Module):
    """Padding that no layer has as a setting: other values than zeros, or more on one side than on the other."""

    def __init__(self, height, width, mode="constant", value=0.0):
        super().__init__()
        self.sides = [*width, *height]
        self.mode = mode
        self.value = value

    def forward(self, x):
        if self.mode == "constant":
            return nn.functional.pad(x, self.sides, value=self.value)
        return nn.functional.pad(x, self.sides, mode=self.mode)


class LastIsChannels(nn.Module):
    """A layer that works on the last axis, for maps of PyTorch's order."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2) if x.dim() == 4 else self.layer(x)


def windowed(reach, make, fill=0.0, mode="constant"):
    """`make(padding)` where both sides have as much, else a padding by `fill` and `make(0)`."""
    height, width = reach["height"]["padding"], reach["width"]["padding"]
    if mode == "constant" and height[0] == height[1] and width[0] == width[1]:
        return [make((height[0], width[0]))]
    if not any([*height, *width]):
        return [make(0)]
    return [Pad(height, width, mode, fill), make(0)]


def modules_of(node):
    """PyTorch's modules, one after the other, for a node that reads one value."""
    kind, reach = node["type"], node.get("reach")
    given, shape = node["inputShapes"][0], node["shape"]
    channels = given[-1]

    def axes(name):
        return (reach["height"][name], reach["width"][name])

    if kind == "convolution":

        def convolution(padding):
            return nn.Conv2d(
                channels,
                node["filters"],
                axes("kernel"),
                stride=axes("stride"),
                padding=padding,
                dilation=axes("dilation"),
                groups=node["groups"],
                bias=node["bias"],
            )

        return windowed(reach, convolution, mode=PADDING_MODES[node["paddingMode"]])
    if kind == "separableConvolution":

        def depthwise(padding):
            settings = {"stride": axes("stride"), "padding": padding, "dilation": axes("dilation")}
            return nn.Conv2d(channels, channels, axes("kernel"), groups=channels, bias=False, **settings)

        return [*windowed(reach, depthwise), nn.Conv2d(channels, node["filters"], 1, bias=node["bias"])]
    if kind == "batchNorm":
        # PyTorch's momentum is the share of the new value, TensorFlow's that of the old one.
        settings = {"eps": node["epsilon"], "momentum": 1 - node["momentum"], "affine": node["scale"] or node["center"]}
        return [(nn.BatchNorm2d if len(given) == 3 else nn.BatchNorm1d)(channels, **settings)]
    if kind == "groupNorm":
        return [nn.GroupNorm(node["groups"], channels, eps=node["epsilon"], affine=node["affine"])]
    if kind == "instanceNorm":
        return [nn.InstanceNorm2d(channels, eps=node["epsilon"], affine=node["affine"])]
    if kind == "layerNorm":
        settings = {"eps": node["epsilon"], "elementwise_affine": node["affine"]}
        if node["over"] == "channels":
            return [LastIsChannels(nn.LayerNorm(channels, **settings))]
        return [nn.LayerNorm([given[-1], *given[:-1]], **settings)]
    if kind == "relu":
        return [nn.ReLU() if node.get("max") is None else nn.Hardtanh(0.0, node["max"])]
    if kind == "leakyRelu":
        return [nn.LeakyReLU(node["slope"])]
    if kind == "prelu":
        return [nn.PReLU(channels if node["slopes"] == "channel" else 1)]
    if kind == "activation":
        return [ACTIVATIONS[node["function"]]()]
    if kind == "maxPool":
        return windowed(
            reach, lambda padding: nn.MaxPool2d(axes("kernel"), axes("stride"), padding=padding), fill=-1e30
        )
    if kind == "averagePool":
        return windowed(reach, lambda padding: nn.AvgPool2d(axes("kernel"), axes("stride"), padding=padding))
    if kind == "globalAveragePool":
        return [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    if kind == "globalMaxPool":
        return [nn.AdaptiveMaxPool2d(1), nn.Flatten()]
    if kind == "padding":
        return [Pad(*(reach[axis]["padding"] for axis in ("height", "width")), PADDING_MODES[node["mode"]])]
    if kind == "dropout":
        return [nn.Dropout(node["rate"])]
    if kind == "spatialDropout":
        return [nn.Dropout2d(node["rate"])]
    if kind == "flatten":
        return [nn.Flatten()]
    if kind == "dense":
        dense = nn.Linear(channels, shape[-1], bias=node["bias"])
        return [dense if len(given) == 1 else LastIsChannels(dense)]
    if kind == "softmax":
        return [nn.Softmax(1)]
    if kind == "logSoftmax":
        return [nn.LogSoftmax(1)]
    raise ValueError(f"layer {kind} is unknown to pytorch_step.py")


class Network(nn.Module):
    """The graph node by node; a softmax at the end is left to the loss, as the other contestants do."""

    def __init__(self, plan):
        super().__init__()
        nodes = plan["nodes"]
        if nodes[-1]["type"] in ("softmax", "logSoftmax"):
            nodes = nodes[:-1]
        self.inputs = [node["inputs"] for node in nodes]
        self.kinds = [node["type"] for node in nodes]
        self.parts = nn.ModuleList(
            nn.Sequential(*([] if node["type"] in ("add", "concatenate") else modules_of(node))) for node in nodes
        )

    def forward(self, x):
        values = []
        for inputs, kind, part in zip(self.inputs, self.kinds, self.parts):
            read = [x if place < 0 else values[place] for place in inputs]
            if kind == "add":
                values.append(sum(read[1:], read[0]))
            elif kind == "concatenate":
                values.append(torch.cat(read, 1))
            else:
                values.append(part(read[0]))
        return values[-1].flatten(1)


def stepper(plan, memory_format):
    torch.manual_seed(1)
    height, width, _ = plan["input"]
    network = Network(plan).to(memory_format=memory_format).train()
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=plan["learningRate"],
        momentum=plan["momentum"],
        weight_decay=plan["weightDecay"],
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=plan["labelSmoothing"])
    images = torch.randn(plan["batch"], plan["input"][2], height, width).contiguous(memory_format=memory_format)
    labels = torch.randint(plan["classes"], (plan["batch"],))

    def step():
        start = time.perf_counter()
        optimizer.zero_grad()
        logits = network(images)
        loss = criterion(logits, labels)
        loss.backward()
        optimizer.step()
        loss.item()
        (logits.argmax(1) == labels).sum().item()
        return 1000 * (time.perf_counter() - start)

    return step, sum(parameter.numel() for parameter in network.parameters())


def main():
    plan = json.loads(sys.argv[1])
    torch.set_num_threads(plan["threads"])
    # The layout that is faster on this machine speaks for PyTorch.
    candidates = []
    for name, memory_format in (
        ("contiguous", torch.contiguous_format),
        ("channels last", torch.channels_last),
    ):
        step, parameters = stepper(plan, memory_format)
        times = sorted(step() for _ in range(max(3, plan["warmup"])))
        candidates.append((times[len(times) // 2], name, step))
    _, name, step = min(candidates, key=lambda candidate: candidate[0])
    about = f"PyTorch {torch.__version__}, eager, {name}, {torch.get_num_threads()} threads"
    print(json.dumps({"ready": about, "parameters": parameters}), flush=True)
    for line in sys.stdin:
        print(json.dumps({"milliseconds": [step() for _ in range(int(line))]}), flush=True)


if __name__ == "__main__":
    main()
