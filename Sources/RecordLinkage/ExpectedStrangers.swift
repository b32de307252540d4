/// What is expected of two records taken at random before any are seen: a small table has too few strangers to tell, and in one of two records
/// all that agrees is seen among all pairs.
///
/// The orders of magnitude are those of 100,000 generated people and 30,000 generated firms (`tools/bench linkage`).
enum ExpectedStrangers {
    /// As many pairs as this speak for what is expected: those of 140 records.
    static let pairs = 10_000.0
    /// One of these is expected to be of one customer.
    static let matches = 1.0
}

extension Comparison {
    /// How often strangers are expected to agree so; the u-probabilities from level 1, those under a condition by themselves.
    var expectedU: [Double] {
        switch self {
        case .givenName:
            [0.001, 0.0004, 0.001, 0.003, 0.01, 0.98, 1e-6, 1e-6] + [0.0007, 0.003, 0.003, 0.02, 0.97, 0.0001]
        case .familyName:
            [0.02, 0.002, 0.002, 0.0002, 0.005, 0.97] + [0.01, 0.01, 0.002, 0.02, 0.96]
        case .birthDate: [5e-5, 1e-5, 0.001, 0.002, 0.01, 0.0007, 0.01, 0.97, 1e-5, 1e-5]
        case .gender: [0.5, 0.5]
        case .officialCode: [1e-5, 1e-5, 1]
        case .phone: [5e-6, 1e-6, 1]
        case .email: [1e-5, 5e-6, 1e-5, 1]
        case .street: [5e-5, 5e-5, 0.001, 0.005, 1e-5, 0.0002, 0.001, 5e-5, 0.005, 0.98, 5e-5, 5e-6]
        case .premises: [0.03, 0.1, 0.87] + [0.02, 0.98]
        case .locality:
            [0.001, 0.001, 0.03, 0.0001, 0.0001, 0.005, 0.0001, 0.0001, 0.0001, 0.03, 0.93, 0.001] + [0.03, 0.97]
        case .companyName: [5e-5, 1e-5, 0.001, 5e-5, 1e-5, 0.0005, 0.0005, 0.0005, 1]
        case .seat: [0.06, 0.94]
        case .branch: [0.75, 0.001, 1e-5, 0.23, 0.02]
        case .website: [5e-5, 1]
        case .contact: [1e-5, 1e-5, 1]
        }
    }
}
