"""What becomes of an exported network's large tables."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from hamlet_sidecar.onnx_file import LARGE, halve


def test_large_tables_take_half_the_bytes_and_answer_as_their_rounded_numbers_do():
    random = np.random.default_rng(3)
    large = random.normal(size=(64, LARGE // 64 + 1)).astype(np.float32)
    small = random.normal(size=large.shape[1]).astype(np.float32)
    model = helper.make_model(
        helper.make_graph(
            [
                helper.make_node('MatMul', ['x', 'large'], ['y']),
                helper.make_node('Add', ['y', 'small'], ['z']),
            ],
            'planted',
            [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['n', 64])],
            [helper.make_tensor_value_info('z', TensorProto.FLOAT, ['n', large.shape[1]])],
            [numpy_helper.from_array(large, 'large'), numpy_helper.from_array(small, 'small')],
        ),
        opset_imports=[helper.make_opsetid('', 18)],
        ir_version=10,
    )
    before = len(model.SerializeToString())
    halve(model)
    content = model.SerializeToString()
    assert before - len(content) > 2 * large.size - 200

    x = random.normal(size=(3, 64)).astype(np.float32)
    session = onnxruntime.InferenceSession(content, providers=['CPUExecutionProvider'])
    (answer,) = session.run(None, {'x': x})
    expected = x @ large.astype(np.float16).astype(np.float32) + small
    assert np.abs(answer - expected).max() < 1e-4
    assert np.abs(answer - (x @ large + small)).max() > 1e-4
