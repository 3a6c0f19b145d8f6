@_exported public import TributaryAutodiff
@_exported public import TributaryOps
@_exported public import TributaryScheduler
@_exported public import TributaryTraining
