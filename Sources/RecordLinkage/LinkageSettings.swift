/// The limits of the linkage. None is fitted to a set of records; the defaults are the ones that are measured.
public struct LinkageSettings: Sendable {
    /// Pairs at or above this probability are linked.
    public var linkAbove = 0.95
    /// Pairs at or above this probability are reported.
    public var reportAbove = 0.2
    /// Blocks of more records than this are left out; other rules find their pairs.
    public var blockSizeMaximum = 60
    /// Of more pairs than this only a share is counted when a model is fitted.
    public var trainingPairsMaximum = 4_000_000
    /// How many random pairs tell how often strangers agree.
    public var randomPairs = 1_000_000
    /// Whether different customers may share name, address and telephone, as households and groups of firms do: some are reckoned
    /// with even where none are seen, and nothing is linked without evidence of the one customer. Without it a set is taken for
    /// what it shows, as test sets are that have nobody but strangers.
    public var reckonsWithRelatives = true
    /// A link needs a comparison that says this much for the same customer rather than a relative: a given name, a birth date or
    /// a code; a gender says less.
    public var evidenceMinimumBits = 2.0
    /// The same for organizations: a short name says less.
    public var organizationEvidenceMinimumBits = 1.0
    /// More records than this are never one customer.
    public var clusterSizeMaximum = 30
    /// The share of the pairs between two clusters of more than three records that must be linked directly to make them one.
    public var clusterDensityMinimum = 0.25
    /// A value is listed with its frequency when at least this many records have it.
    public var listedTermMinimumCount = 3
    /// How many values of a comparison are listed at most.
    public var listedTermsMaximum = 50_000
    /// How many pairs of its pattern a decision stands against when weights are refined: 1 is as sure as two equal votes.
    public var decisionStrength = 2.0
    public var threads = 2
    /// Asked while records are put into blocks, counted, fitted and compared: once it says so the work ends early, and what is returned
    /// is nothing to go by. It keeps its word.
    public var isCancelled: @Sendable () -> Bool = { false }

    public init() {}
}

/// How far a linkage is.
public enum LinkageProgress: Sendable {
    /// Records are put into blocks, rule by rule.
    case blocking(rules: Int, of: Int)
    /// Agreement is counted to fit a model to it, part by part.
    case counting(parts: Int, of: Int)
    /// A model is fitted, in rounds whose number nobody knows before.
    case fitting(rounds: Int)
    /// Pairs are judged, part by part.
    case comparing(parts: Int, of: Int)
}
