"""HPSv2 (Wu et al. 2023), versions 2.0 and 2.1, by the code that its authors published: open_clip's ViT-H-14.

The score is the plain cosine, without a logit scale, and compares pictures of one prompt only.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from hamlet_sidecar.device import device
from hamlet_sidecar.dpo.scorers.port import batched, require_weights
from hamlet_sidecar.errors import SidecarError

ARCHITECTURE = 'ViT-H-14'
FILES = {'2.0': 'HPS_v2_compressed.pt', '2.1': 'HPS_v2.1_compressed.pt'}


class HpsScorer:
    name = 'hpsv2'
    within_prompt = True

    def __init__(self, weights: Path | None, version: str, architecture: str = ARCHITECTURE):
        file = require_weights(weights, f'HPSv2 {version}', f'{FILES[version]} of xswu/HPSv2')
        open_clip = _library()
        self.version = version
        self.model, _, self.preprocess = open_clip.create_model_and_transforms(
            architecture, device=device().kind
        )
        # A pickle, of which nothing but tensors is read.
        state = torch.load(file, weights_only=True, map_location='cpu')
        self.model.load_state_dict(state['state_dict'])
        self.model.eval()
        self.tokenize = open_clip.get_tokenizer(architecture)

    def __call__(self, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        return batched(self._score, pixels, prompts)

    @torch.no_grad()
    def _score(self, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        planes = torch.stack([self.preprocess(Image.fromarray(picture)) for picture in pixels])
        pictures = self.model.encode_image(planes.to(device().kind), normalize=True)
        texts = self.model.encode_text(self.tokenize(prompts).to(device().kind), normalize=True)
        return (pictures * texts).sum(-1).float().cpu().numpy()


def _library():
    try:
        import open_clip
    except ImportError as error:
        raise SidecarError(
            'scorer-without-library', 'HPSv2 runs on open_clip: pip install open_clip_torch'
        ) from error
    return open_clip
