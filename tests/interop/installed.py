"""What the clients need, installed once for each version of the lock files into target/interop."""

import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KEPT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent.parent / "target")) / "interop"


def _once(name: str, *files: str):
    """The folder for this state of the files, and whether it was ready before."""
    digest = hashlib.sha256(b"".join((HERE / file).read_bytes() for file in files)).hexdigest()[:12]
    folder = KEPT / f"{name}-{digest}"
    return folder, (folder / ".ready").exists()


@functools.cache
def node_modules() -> pathlib.Path:
    folder, ready = _once("node", "package.json", "package-lock.json")
    if not ready:
        print("installing npm packages …", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(HERE / file, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
        (folder / ".ready").touch()
    # Node looks for packages beside the program.
    for program in (HERE / "clients").glob("*.mjs"):
        shutil.copy(program, folder)
    return folder / "node_modules"


@functools.cache
def python(requirements: str = "requirements.txt") -> str:
    folder, ready = _once("python", requirements)
    program = folder / "bin" / "python"
    if not ready:
        print("installing Python packages …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        command = [program, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / requirements]
        subprocess.run(command, check=True)
        (folder / ".ready").touch()
    return str(program)
