"""What polls the queues and streams of AWS's services in modelled time; shapes and rules are known elsewhere."""
