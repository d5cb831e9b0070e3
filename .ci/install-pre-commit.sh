# The real pre-commit, for tests/hooks: a hook that only works in theory stops nothing.
python_packages pre-commit==4.7.0
