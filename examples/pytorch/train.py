"""Trains a network of 7,946 parameters on MNIST in PyTorch, and leaves what the gate reads: net.onnx and log.csv.

    pip install torch numpy onnx onnxscript
    MNIST_DIR=folder python train.py [--epochs 12] [--seed 1]
"""

import argparse, csv, gzip, os, pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

asks = argparse.ArgumentParser()
asks.add_argument("--epochs", type=int, default=12)
asks.add_argument("--seed", type=int, default=1)
asked = asks.parse_args()
torch.manual_seed(asked.seed)


def read(name, offset):
    file = pathlib.Path(os.environ["MNIST_DIR"]) / name
    bytes = gzip.decompress(file.with_suffix(".gz").read_bytes()) if not file.exists() else file.read_bytes()
    return torch.from_numpy(np.frombuffer(bytes, np.uint8, offset=offset).copy())


def images(name):
    return ((read(f"{name}-images-idx3-ubyte", 16).float() / 255 - 0.1307) / 0.3081).view(-1, 1, 28, 28)


def block(inputs, outputs, padding=0):
    return [nn.Conv2d(inputs, outputs, 3, padding=padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


net = nn.Sequential(
    *block(1, 4, 1), *block(4, 6, 1), nn.MaxPool2d(2), *block(6, 14), *block(14, 15), *block(15, 14), *block(14, 14),
    nn.Conv2d(14, 10, 3, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
)
train, test = (images("train"), read("train-labels-idx1-ubyte", 8).long()), (images("t10k"), read("t10k-labels-idx1-ubyte", 8).long())
steps = len(train[0]) // 64
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=3e-4)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=asked.epochs * steps, pct_start=0.15)


def shifted(batch):
    down, right = torch.randint(-2, 3, (2,)).tolist()
    return torch.roll(batch, (down, right), (2, 3))


def measured():
    net.eval()
    with torch.no_grad():
        logits = torch.cat([net(part) for part in test[0].split(1000)])
    return F.cross_entropy(logits, test[1]).item(), (logits.argmax(1) == test[1]).float().mean().item()


with open("log.csv", "w", newline="") as file:
    log = csv.writer(file)
    log.writerow(["epoch", "train_loss", "train_acc", "test_loss", "test_acc", "lr"])
    for epoch in range(1, asked.epochs + 1):
        net.train()
        loss_sum, correct = 0.0, 0
        for indices in torch.randperm(len(train[0]))[: steps * 64].view(steps, 64):
            logits, labels = net(shifted(train[0][indices])), train[1][indices]
            loss = F.cross_entropy(logits, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            loss_sum, correct = loss_sum + loss.item(), correct + (logits.argmax(1) == labels).sum().item()
        row = [epoch, loss_sum / steps, correct / (steps * 64), *measured(), schedule.get_last_lr()[0]]
        log.writerow(row)
        file.flush()
        print(*row, flush=True)

# Without "optimize" the batch norms stay: folded ones could not be counted.
torch.onnx.export(
    net.eval(), (test[0][:2],), "net.onnx", dynamo=True, optimize=False, external_data=False,
    dynamic_shapes=({0: torch.export.Dim("batch")},),
)
torch.save(net.state_dict(), "net.pt")
