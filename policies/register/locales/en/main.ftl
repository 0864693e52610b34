placeholder = x
