# Beside generated/stacks/<stack>/cdk.tf.json: requests may take two minutes.
resource "aws_lb" "load_balancer" {
  idle_timeout = 120
}
