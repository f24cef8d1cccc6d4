"""Spaces of LoRA weights as artifacts: of whole ΔW, or of θ as weights2weights has it."""

from pathlib import Path

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.theta_space import ThetaSpace, read_theta
from hamlet_sidecar.w2w.whole import WholeSpace, read_whole

KIND = 'w2w-space'
Space = ThetaSpace | WholeSpace
READERS = {ThetaSpace.contract: read_theta, WholeSpace.contract: read_whole}


def load_space(folder: Path) -> Space:
    """Raises SidecarError `artifact-invalid`, `digest-mismatch`."""
    manifest = read_manifest(folder)
    read = READERS.get(manifest.get('contract'))
    if read is None:
        raise SidecarError('artifact-invalid', f'{folder.name} is none of {", ".join(READERS)}')
    verify_files(folder, manifest)
    return read(folder)
