"""What people's corrections taught: accuracy, the learning curve, versions and their judgement."""
