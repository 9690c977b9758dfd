"""Programs of others that Sostenuto is compared with, in an environment of their own."""
