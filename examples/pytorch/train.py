"""Trains the network of iteration 5 on MNIST and leaves what the gate reads: net.onnx and log.csv.

    pip install -r requirements.txt
    MNIST_DIR=folder OMP_NUM_THREADS=1 python train.py
"""

import csv
import gzip
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MEAN, STD = 0.1307, 0.3081  # As the spec says it to the gate.
RATES = [0, 1, 5, 15], [0.02, 0.2, 0.005, 0.0005]  # At the end of these epochs; straight lines between them.


def mnist(part):
    """Images [count, 1, 28, 28] from 0 to 1, and their labels."""
    images, labels = (
        np.frombuffer(gzip.open(f"{os.environ['MNIST_DIR']}/{part}-{name}-ubyte.gz").read(), np.uint8, offset=header)
        for name, header in (("images-idx3", 16), ("labels-idx1", 8))
    )
    return torch.tensor(images).view(-1, 1, 28, 28) / 255, torch.tensor(labels).long()


def varied(images):
    """Each turned by up to 15 degrees, scaled by up to 15 % and shifted by up to 1.5 pixels."""
    angle, scale, right, down = (2 * torch.rand(4, len(images)) - 1) * torch.tensor([[0.2618], [0.15], [1.5], [1.5]])
    cos, sin = torch.cos(angle) / (1 + scale), torch.sin(angle) / (1 + scale)
    matrix = torch.stack([cos, -sin, right / 14, sin, cos, down / 14], 1).view(-1, 2, 3)
    grid = F.affine_grid(matrix, images.shape, align_corners=False)
    return F.grid_sample(images, grid, mode="nearest", align_corners=False)


def block(channels, filters):
    return nn.Conv2d(channels, filters, 3, bias=False), nn.BatchNorm2d(filters), nn.ReLU()


def evaluated(net, images, labels):
    with torch.no_grad():
        logits = torch.cat([net.eval()((some - MEAN) / STD) for some in images.split(1000)])
    return F.cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).double().mean().item()


torch.manual_seed(1)
net = nn.Sequential(
    *block(1, 4), *block(4, 6), nn.MaxPool2d(2), *block(6, 18), *block(18, 15), *block(15, 18),
    nn.Conv2d(18, 10, 3, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
)  # fmt: skip
(images, labels), test = mnist("train"), mnist("t10k")
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
with open("log.csv", "w", newline="") as file:
    log = csv.writer(file)
    log.writerow(["epoch", "lr", "train_loss", "train_acc", "test_loss", "test_acc"])
    for epoch in range(15):
        net.train()
        batches, loss_sum, correct = torch.randperm(len(images)).split(64), 0.0, 0
        for step, batch in enumerate(batches):
            optimizer.param_groups[0]["lr"] = np.interp(epoch + step / len(batches), *RATES)
            logits = net((varied(images[batch]) - MEAN) / STD)
            loss = F.cross_entropy(logits, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(batch)
            correct += (logits.argmax(1) == labels[batch]).sum().item()
        rate = optimizer.param_groups[0]["lr"]
        log.writerow([epoch + 1, rate, loss_sum / len(images), correct / len(images), *evaluated(net, *test)])
        file.flush()

# Without "optimize" batch norms stay what they are; folded into convolutions they could no longer be counted.
sizes, settings = ({0: torch.export.Dim("batch")},), {"dynamo": True, "optimize": False, "external_data": False}
torch.onnx.export(net.eval(), (test[0][:2],), "net.onnx", dynamic_shapes=sizes, **settings)
