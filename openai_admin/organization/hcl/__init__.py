"""The organization as HCL, for those who keep it with the official Terraform provider."""
