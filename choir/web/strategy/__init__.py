"""The tree of goals, KPIs and initiatives, with where each stands and what is missing."""
