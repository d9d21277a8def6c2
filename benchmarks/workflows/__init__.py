"""What workflows must reach, in full: ``python -m benchmarks.workflows [PART …] [--sample N]``.

A part is a module or package of this folder with ``DESCRIPTION`` and ``measure(sample)``. Tests run
fixed samples of the same (``tests/workflows/``).
"""
