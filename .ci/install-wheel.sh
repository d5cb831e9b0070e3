# shellcheck shell=bash
# Packs the program as a wheel, for tests/wheel.rs: what pipx, uvx and pre-commit install.
python_packages maturin==1.16.0
# What builds the mirror for pre-commit.
python_wheels setuptools==80.9.0
