"""ONNX files that say what a network computes and nothing of the machine that exported it."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Numbers of a table that is worth halving.
LARGE = 10_000


def save_onnx(program, path: Path, half: bool = False) -> None:
    """Without the exporter's notes on each node: they hold stack traces, that is paths of this machine.

    half: large tables of float32 are kept as float16. Whoever asks for it has rounded the network's own.
    """
    model = program.model_proto
    if half:
        halve(model)
    for graph in (model.graph, *model.functions):
        for part in (graph, *graph.node, *graph.value_info):
            del part.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    onnx.save(model, path)


def halve(model: onnx.ModelProto) -> None:
    """Large constants in half the bytes, each behind a cast that onnxruntime does once, when it opens the model."""
    casts = []
    for tensor in list(model.graph.initializer):
        table = numpy_helper.to_array(tensor)
        if table.dtype != np.float32 or table.size < LARGE:
            continue
        name, halved = tensor.name, f'{tensor.name}.half'
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(numpy_helper.from_array(table.astype(np.float16), halved))
        casts.append(helper.make_node('Cast', [halved], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
