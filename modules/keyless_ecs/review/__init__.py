"""What a stack is, and what a plan does to it, in the words of whoever answers for it.

:mod:`~keyless_ecs.review.facts` is the one table of what each type of resource is and bills.
"""
