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


def network_of(plan):
    height, width, channels = plan["input"]
    modules = []
    for layer in plan["layers"]:
        kind = layer["type"]
        if kind == "convolution":
            dilation = layer.get("dilation", 1)
            reach = (layer["kernel"] - 1) * dilation
            modules.append(
                nn.Conv2d(
                    channels,
                    layer["filters"],
                    layer["kernel"],
                    stride=layer.get("stride", 1),
                    dilation=dilation,
                    padding=reach // 2 if layer["padding"] == "same" else 0,
                    bias=False,
                )
            )
            channels = layer["filters"]
        elif kind == "batchNorm":
            norm = plan["batchNorm"]
            # PyTorch's momentum is the share of the new value, TensorFlow's that of the old one.
            modules.append(nn.BatchNorm2d(channels, eps=norm["epsilon"], momentum=1 - norm["momentum"]))
        elif kind == "relu":
            modules.append(nn.ReLU())
        elif kind == "maxPool":
            modules.append(nn.MaxPool2d(layer["size"]))
        elif kind == "dropout":
            modules.append(nn.Dropout(layer["rate"]))
        elif kind == "globalAveragePool":
            modules += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        else:
            raise ValueError(f"layer {kind} is unknown to pytorch_step.py")
    return nn.Sequential(*modules), (height, width)


def stepper(plan, memory_format):
    torch.manual_seed(1)
    network, (height, width) = network_of(plan)
    network = network.to(memory_format=memory_format).train()
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


main()
