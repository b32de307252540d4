/// A fleet that lives through a history drawn at random.
package protocol RandomHistory {
    /// What happened, for a report.
    var story: [String] { get }
    /// How often each thing happened.
    var tally: [String: Int] { get }

    /// Lives through so many steps.
    ///
    /// - Throws: `Disagreement` at the first moment at which something does not hold that always must.
    mutating func live(steps: Int) throws

    /// Lets all nodes meet over a good network until nothing more is told, and checks what has come of it all.
    ///
    /// - Throws: `Disagreement`.
    mutating func heal() throws
}
