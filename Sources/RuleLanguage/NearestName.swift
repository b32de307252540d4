/// Finds the name that a mistyped one was probably meant to be.
public enum NearestName {
    /// The longest name, in Unicode scalars, that is compared.
    public static let lengthLimit = 64

    /// The known name with the fewest typing errors between it and this one; nil where none is near.
    ///
    /// An error is a letter too many, too few, or wrong, or two neighbours swapped (Damerau 1964, Levenshtein 1966, as
    /// Lowrance and Wagner computed it in 1975). ASCII letters compare without case. Near means at most one error for
    /// names of two to four letters, and one more for every three letters more. Of names equally near, the first in the
    /// order of their bytes.
    ///
    /// - Complexity: the product of the two lengths, for each name.
    public static func find(_ name: String, in names: some Sequence<String>) -> String? {
        let wanted = Array(name.asciiLowercased.unicodeScalars.prefix(lengthLimit + 1))
        guard !wanted.isEmpty, wanted.count <= lengthLimit else { return nil }
        var nearest: (name: String, distance: Int)?
        for candidate in names {
            let letters = Array(candidate.asciiLowercased.unicodeScalars.prefix(lengthLimit + 1))
            let limit = (max(letters.count, wanted.count) + 1) / 3
            guard letters.count <= lengthLimit, abs(letters.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, letters)
            guard distance <= limit else { continue }
            if let best = nearest {
                let isBefore = candidate.utf8.lexicographicallyPrecedes(best.name.utf8)
                guard distance < best.distance || distance == best.distance && isBefore else { continue }
            }
            nearest = (candidate, distance)
        }
        return nearest?.name
    }

    /// The Damerau–Levenshtein distance of two sequences of letters, in which a swapped pair may be edited further.
    static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        let far = one.count + other.count
        let width = other.count + 2
        // Row and column 0 hold a bound that no path takes; the distance of two prefixes stands one further on.
        var table = [Int](repeating: far, count: (one.count + 2) * width)
        for row in 0...one.count { table[(row + 1) * width + 1] = row }
        for column in 0...other.count { table[width + column + 1] = column }
        var lastRow: [Unicode.Scalar: Int] = [:]
        for row in 1..<(one.count + 1) {
            var lastMatch = 0
            for column in 1..<(other.count + 1) {
                let swapRow = lastRow[other[column - 1], default: 0]
                let swapColumn = lastMatch
                let isEqual = one[row - 1] == other[column - 1]
                if isEqual { lastMatch = column }
                let replaced = table[row * width + column] + (isEqual ? 0 : 1)
                let inserted = table[(row + 1) * width + column] + 1
                let removed = table[row * width + column + 1] + 1
                let swapped = table[swapRow * width + swapColumn] + (row - swapRow - 1) + 1 + (column - swapColumn - 1)
                table[(row + 1) * width + column + 1] = min(replaced, inserted, removed, swapped)
            }
            lastRow[one[row - 1]] = row
        }
        return table[(one.count + 1) * width + other.count + 1]
    }
}
