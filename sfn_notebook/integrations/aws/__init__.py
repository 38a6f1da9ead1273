"""AWS services around workflows, called with AWS's own SDK; it knows no notebook and no state machine."""
