"""The losses of a few training steps in PyTorch: first weights, images and recipe come from train.ts.

    python losses.py plan.json arrays.safetensors

Says one line of JSON: {"about": ..., "single": [...], "double": [...]}, losses in floats of 32 and of 64 bits, or {"absent": ...} where there is no PyTorch.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "bench"))
from pytorch_step import Network, nn, torch


def tensors_in(file):
    data = pathlib.Path(file).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(bytearray(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]]), dtype=torch.float32)
        .reshape(entry["shape"])
        for name, entry in header.items()
    }


def modules_of(node, part):
    """The modules with weights of a node, by the names that its state dict has for them."""
    holders = [module for module in part.modules() if list(module.parameters(recurse=False)) or list(module.buffers(recurse=False))]
    separable = node["type"] == "separableConvolution"
    names = [f"{node['name']}.depthwise", f"{node['name']}.pointwise"] if separable else [node["name"]]
    return list(zip(names, holders)) if holders else []


def losses_of(plan, arrays, kind):
    torch.manual_seed(1)
    network = Network(plan).to(kind).train()
    groups, left = [], {name for name in arrays if name not in ("images", "labels")}
    with torch.no_grad():
        for node, part in zip(plan["nodes"], network.parts):
            for name, module in modules_of(node, part):
                for key, value in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
                    full = f"{name}.{key}"
                    if key == "num_batches_tracked":
                        continue
                    value.copy_(arrays[full].reshape(value.shape))
                    left.discard(full)
                    if value.requires_grad:
                        groups.append({"params": [value], "weight_decay": plan["decays"][full]})
    if left:
        sys.exit(f"no module of PyTorch took {', '.join(sorted(left))}")
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=plan["momentum"])
    criterion = nn.CrossEntropyLoss()
    images, labels, losses = arrays["images"].to(kind), arrays["labels"].long(), []
    for step, rate in enumerate(plan["rates"]):
        part = slice(step * plan["batch"], (step + 1) * plan["batch"])
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = criterion(network(images[part]), labels[part])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    plan, arrays = json.loads(pathlib.Path(sys.argv[1]).read_text()), tensors_in(sys.argv[2])
    torch.set_num_threads(1)
    single, double = (losses_of(plan, arrays, kind) for kind in (torch.float32, torch.float64))
    print(json.dumps({"about": f"PyTorch {torch.__version__}", "single": single, "double": double}))


main()
