"""Tables of functions by topic: name -> template or function of the Call.

`{0}`, `{1}` are arguments, `{all}` all of them. A key `name/KIND` is for calls whose first argument is of that kind.
"""
