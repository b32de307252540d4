/// A number that is computed of a customer, and belongs to no field.
public enum CustomerScore: String, Sendable, CaseIterable {
    /// How many percent of the fields that a customer of its kind can have hold something, rounded down: 0 to 100.
    case completeness
    /// For how many days nothing has happened with the customer: the greatest of `steps` that has passed, so that a quiet customer
    /// changes six times and not daily. None where nothing ever happened.
    case daysSinceEvent = "days-since-event"

    /// What `daysSinceEvent` can be.
    public static let steps: [Int64] = [0, 7, 30, 90, 180, 365]

    /// Whether it changes as days pass by, though nobody writes.
    public var dependsOnDay: Bool { self == .daysSinceEvent }
}
