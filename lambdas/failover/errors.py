"""The errors that state machines retry and catch, by class name.

AWS Lambda reports a raised exception to Step Functions under its class name, so these names are an
interface: an ASL file says them in ``ErrorEquals``. Three families:

- ``Transient…``: nothing is known to be wrong with the request; the same call may succeed later.
- ``Refused…``: a rule of ours or of the service says no; repeating it changes nothing.
- ``Fatal…``: the world is not as the procedure needs it; a person must look.

ASL matches names, not base classes, so a concrete class says its family in its base and its own story in
its name; the state machine tests hold the names of both sides together.
"""


class LifeboatError(Exception):
    """Any error that Lifeboat raises on purpose."""


class TransientError(LifeboatError):
    """The same call may succeed later."""


class RefusedError(LifeboatError):
    """A rule says no; the call must not be repeated as it is."""


class FatalError(LifeboatError):
    """The procedure cannot go on; a person must look."""


class StoreUnreachableError(TransientError):
    """No replica of the quorum store answered in time."""


class LocalTableUnreachableError(TransientError):
    """This control region's own table did not answer: what it has promised is not known."""


class ChangedMeanwhileError(TransientError):
    """A conditional write lost: the item is no longer the one that was read."""


class DatabaseUnreachableError(TransientError):
    """A database, or the agent in its region, did not answer in time."""


class ReplicaNotReadyError(TransientError):
    """The replica exists but may not be promoted yet (``backing-up``, ``modifying``)."""


class PromotionRefusedError(TransientError):
    """The service refused the promotion for now; only the same target may be tried again."""


class PromotionNotDoneError(TransientError):
    """The promotion was accepted and is not finished."""


class TargetNotServingError(TransientError):
    """The new writer does not accept a write through its open gate yet."""


class TrafficNotShiftedError(TransientError):
    """A lever endpoint that answers does not say yet what was written."""


class PageNotSentError(TransientError):
    """Nobody could be told; telling is tried again."""


class RotationNotReadyError(TransientError):
    """Not every region has heard of the password that is next; the step is taken again."""


class CapacityNotReadyError(TransientError):
    """The capacity that was asked for is not there yet."""


class ReplicaBehindError(TransientError):
    """A copy does not follow the writer yet, or has not received all of what it must have."""


class ArchiveNotKeptError(TransientError):
    """What an old writer alone has is not all kept yet; asking again goes on with what is left."""


class CacheNotPromotedError(TransientError):
    """The cache's promotion was asked for and is not finished."""


class PausedByOperatorError(TransientError):
    """Operators paused the control plane before the point of no return; going on when they resume."""


class ApprovalMissingError(TransientError):
    """A person must approve, and nobody has answered yet."""


class StaleTermError(RefusedError):
    """The caller does not own the incident for the current term."""


class IncidentRefusedError(RefusedError):
    """The incident may not be opened: paused, another one is open, or the request is not lawful."""


class EpochRefusedError(RefusedError):
    """The epoch is not the one that the store or the gate holds."""


class GateRefusedError(RefusedError):
    """The gate cannot be changed this way on this server (in recovery, another holder, fenced)."""


class LeaseRefusedError(RefusedError):
    """The lease is revoked, or belongs to another region or epoch."""


class AbortedByOperatorError(RefusedError):
    """An operator ordered that everything be undone; before the point of no return it is."""


class ApprovalRefusedError(RefusedError):
    """A person refused, or nobody answered in time and the default is not to act."""


class VetoedError(RefusedError):
    """The veto hook refused."""


class SwitchoverRefusedError(RefusedError):
    """A planned move would lose data or service now; nothing was changed."""


class RollbackRefusedError(RefusedError):
    """The point of no return has passed, or there is nothing to undo."""


class CapacityMissingError(RefusedError):
    """The regions that would take over cannot carry the lost region's share."""


class PromiseRefusedError(RefusedError):
    """This control region is moving the database, or knows better than the asker: it promises nothing."""


class DeploymentRefusedError(RefusedError):
    """A deployment would take away, replace or turn a database, or come into an incident."""


class ConsentMissingError(RefusedError):
    """The loss bound of the best target is over the objective, or unknown, and nobody has consented."""


class ConsentTimedOutError(RefusedError):
    """Nobody consented in time; the default is not to promote."""


class ConsentRefusedError(RefusedError):
    """A person refused to lose data; everything is undone."""


class ArchiveIncompleteError(FatalError):
    """What a copy alone has cannot be read in full any more; it must not be rebuilt without a person."""


class JournalTamperedError(FatalError):
    """A line of the journal that was kept has been changed or taken away in the quorum store."""


class StoreUnfitError(FatalError):
    """The quorum table is not strongly consistent over its regions: the last writer would win."""


class NoTargetError(FatalError):
    """No copy may be promoted; the message says why each was refused."""


class NotInitialisedError(FatalError, KeyError):
    """The quorum store has no item of the database: its life has not begun, or it was added since."""

    __str__ = Exception.__str__  # KeyError's own would put the message into quotes


class NotFencedError(FatalError):
    """A promotion was asked for while the source's lease may still let it write."""


class RequestInvalidError(RefusedError):
    """A request names something that the topology does not have, or lacks a field; the message says what."""


class RecordsUnreachableError(TransientError):
    """Route 53's API did not answer or is at work; what it answers to questions stays as it is."""


class CachesNotEmptiedError(TransientError):
    """CloudFront has not taken an invalidation; the same one may be asked for again."""


class PracticeNotBegunError(TransientError):
    """FIS did not say what is under way, or did not start an experiment; the same one may be asked for again."""


class PathsRefusedError(RefusedError):
    """An event asks for paths that CloudFront would not take."""


class ModelsUnreachableError(TransientError):
    """Versions or records of models could not be read or written."""


class ModelsDeniedError(RefusedError):
    """AWS answers, and says no, where a region's files, record or figures of a model are asked for."""


class ManifestInvalidError(FatalError):
    """What is published of a model does not say which commit it is, or which files belong to it."""


class TableUnreachableError(TransientError):
    """A declared table did not answer, or was changed by others all the time."""
