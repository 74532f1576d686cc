"""What the book says of a Call: a Promise before it is forwarded, a Settlement after, or a Refusal instead of both."""
