"""Doing what a plan says: step by step, doubt cleared up, an error stopping its dependents alone.

What a cut leaves behind: nothing is stored but by the API itself. Steps that were done are done,
the one that was under way may be; a plan that is made anew has whatever is left. The log, where
there is one, has a line for each step that ended, and one that says ``not known`` for those that
were under way when the work was cancelled; a killed process writes none for them.
"""
