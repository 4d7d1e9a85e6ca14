"""Goals of the business, the KPIs that show whether they are reached, and what is done for them."""
