"""Rotation of a key without downtime: create, test, set, overlap, finish.

The order is chosen so that whoever reads the sink never finds a key that the API does not accept:
a new key is tested while only this process has it, and goes into the sink afterwards. (A sink with
stages holds it as the next one meanwhile.) The journal says what is about to happen before it
happens, on the disk; of a secret it has a fingerprint.

What the next run sees, after the process was killed …

- before ``begun``: nothing was done; it begins.
- after ``begun``: no key was made; it begins anew, with what is so then.
- after ``creating``, before or after the creation took effect, or its answer was lost: the journal
  has the name that the key would have, which nothing else has. It is looked for, and looked for
  again while the listing may lag. If it is there, its secret died with the process, before it could
  be put anywhere: it is deleted. Else it stays in doubt (see `doubts`). Then another one is made,
  under another number.
- after ``created``, before ``putting``: the secret is lost likewise and in no sink, so the key is
  deleted and another one made; unless a sink with stages has it as the next one, and it is tested.
- after ``created``, where somebody else has changed the sink meanwhile: the new key is deleted, and
  the next run begins with what the sink holds then.
- after ``putting``, before or after the sink took it, or within: a sink that can be read tells
  which by the fingerprint. If it has the new secret, that is tested and counts as set; if it has
  the one from before, the new key is deleted and another one made. If it has a third one,
  somebody else changed it: nothing is deleted, and the rotation stops. A sink that cannot be read
  may have it: the key is kept, and another one is made, tested and put, which settles what the
  sink has.
- after ``set``: it waits for the end of the overlap, and changes nothing until then.
- while it finishes: the sink is read once more, and has to hold the new key. What else this
  rotation made is deleted first (keys by the journal, and by their names), then ``deleting`` is
  written, and the old key is deleted last of all. A key that is gone already counts as deleted,
  once it is not listed either; so does one whose deletion was not confirmed. Whatever comes after
  ``deleting`` is repeated.
- after the deletion, before ``finished``, where the old key is the one that the command runs with:
  the API accepts it no more, and that is taken as the sign that it is gone; what is left is done
  with the key in the sink, if that can be read.
- after the deletion, while a key is in doubt: it is looked for again, and deleted if it is listed.
  The rotation has not ended before it is known that nothing is left over.

A listing may lag, so that a key is not listed does not say that it is gone: one that the journal
has as made is there unless it had been listed before, or was made minutes ago, and is not shown by
its id either; or the API rejects its secret. One that the journal has as deleted is never taken for
a key to replace.

Where the journal is lost, the name of the new key says which one it replaces: if the sink holds it,
and that one is listed, the rotation goes on as after ``set``; else a person has to say (see
`recovered`). A key whose creation nobody saw is looked for by later rotations of a journal, too.

So the old key is deleted only after the new one was accepted by the API and taken by the sink, and
a key that may be in the sink is deleted only after another one is there for certain. Deleted are
only keys that the journal or their names show to be this rotation's, and the one that it replaces.
"""
