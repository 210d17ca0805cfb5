"""The gate: would a client of the last released contract still work with this one?

Everything rests on one relation. Data goes from a sender to a receiver, and **whatever the
sender may say, the receiver has to understand**. In a request the sender is a client of the
released contract and the receiver is this service; in an answer, and in a webhook, it is the
other way round. So the same comparison of two schemas serves both ways, and a change is
compatible in a request exactly when its reverse is in an answer. Where this service promises
more or less than that relation, `findings.py` says so beside the code.
"""
