import MergeVectors

/// Checks the laws of a join-semilattice on given states: commutative and idempotent on all pairs, associative on
/// `triples` random triples.
///
/// - Throws: `Disagreement` that names the broken law.
func checkJoinSemilattice<State>(
    _ states: [State], triples: Int, random: inout SplitMix64, equal: (State, State) -> Bool, join: (State, State) -> State
) throws {
    for (index, a) in states.enumerated() {
        guard equal(join(a, a), a) else { throw Disagreement("join is not idempotent on \(a)") }
        for b in states[(index + 1)...] {
            let joined = join(a, b)
            guard equal(joined, join(b, a)) else { throw Disagreement("join is not commutative on\n\(a)\nand\n\(b)") }
            guard equal(join(joined, a), joined), equal(join(b, joined), joined) else {
                throw Disagreement("the join does not absorb its parts\n\(a)\nand\n\(b)")
            }
        }
    }
    guard !states.isEmpty else { return }
    for _ in 0..<triples {
        let a = random.pick(states), b = random.pick(states), c = random.pick(states)
        guard equal(join(join(a, b), c), join(a, join(b, c))) else {
            throw Disagreement("join is not associative on\n\(a)\nand\n\(b)\nand\n\(c)")
        }
    }
}

func checkJoinSemilattice<State: Equatable>(
    _ states: [State], triples: Int, random: inout SplitMix64, join: (State, State) -> State
) throws {
    try checkJoinSemilattice(states, triples: triples, random: &random, equal: ==, join: join)
}
