bin := ".venv/bin"

# everything but the demo and the fresh install
check: fmt-check
    {{bin}}/ruff check .
    {{bin}}/mypy
    {{bin}}/lint-imports
    {{bin}}/pytest -q -n 4

fmt:
    {{bin}}/ruff format .
    {{bin}}/ruff check --fix .

fmt-check:
    {{bin}}/ruff format --check .

demo:
    {{bin}}/edactl demo
