"""How well each strategy searches, ours and others' in the same run.

python -m benchmarks.strategies table1 mixed --seeds 50
"""
