"""ONNX files that say what a network computes and nothing of the machine that exported it."""

from pathlib import Path

import onnx


def save_onnx(program, path: Path) -> None:
    """Without the exporter's notes on each node: they hold stack traces, that is paths of this machine."""
    model = program.model_proto
    for graph in (model.graph, *model.functions):
        for part in (graph, *graph.node, *graph.value_info):
            del part.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    onnx.save(model, path)
