"""Who can do what in the organization, and why: facts, rules, answers."""
