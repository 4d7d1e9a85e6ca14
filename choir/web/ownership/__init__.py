"""The ownership matrix: objectives × departments, its versions, and what a change would have done."""
