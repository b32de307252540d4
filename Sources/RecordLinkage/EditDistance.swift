/// The units of a folded text in place.
typealias Units = UnsafeBufferPointer<UInt16>

/// How many insertions, deletions, substitutions and exchanges of neighbours make one text of another, where no part is
/// edited twice (optimal string alignment), up to a limit.
///
/// - Complexity: a word operation for each unit of `b` and one to find each mask (Hyyrö 2003), for up to 64 units.
/// - Returns: the distance, or `limit + 1` where it is more.
func editDistance(_ a: Units, _ b: Units, limit: Int) -> Int {
    if abs(a.count - b.count) > limit { return limit + 1 }
    // What both begin and end with costs nothing.
    var start = 0
    let shorter = min(a.count, b.count)
    while start < shorter, a[start] == b[start] { start += 1 }
    var end = 0
    while end < shorter - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
    let rows = a.count - start - end, columns = b.count - start - end
    if rows == 0 || columns == 0 { return min(max(rows, columns), limit + 1) }
    if rows > 64 { return limit + 1 }
    let last: UInt64 = 1 << UInt64(rows - 1)
    var positive: UInt64 = ~0, negative: UInt64 = 0, diagonal: UInt64 = 0, previous: UInt64 = 0
    var distance = rows
    for column in 0..<columns {
        let unit = b[start + column]
        var equal: UInt64 = 0
        for row in 0..<rows where a[start + row] == unit { equal |= 1 << UInt64(row) }
        let exchanged = ((~diagonal & equal) << 1) & previous
        diagonal = (((equal & positive) &+ positive) ^ positive) | equal | negative | exchanged
        var horizontalPositive = negative | ~(diagonal | positive)
        let horizontalNegative = diagonal & positive
        if horizontalPositive & last != 0 { distance += 1 }
        if horizontalNegative & last != 0 { distance -= 1 }
        horizontalPositive = horizontalPositive << 1 | 1
        positive = (horizontalNegative << 1) | ~(diagonal | horizontalPositive)
        negative = diagonal & horizontalPositive
        previous = equal
    }
    return min(distance, limit + 1)
}

/// The similarity of two short texts by Jaro with Winkler's bonus for a common beginning (Winkler 1990): 0 to 1.
///
/// - Complexity: the product of the lengths at worst; texts of more than 64 units count by their first 64.
func jaroWinkler(_ a: Units, _ b: Units) -> Double {
    let rows = min(a.count, 64), columns = min(b.count, 64)
    if rows == 0 || columns == 0 { return rows == columns ? 1 : 0 }
    let window = max(0, max(rows, columns) / 2 - 1)
    var takenA: UInt64 = 0, takenB: UInt64 = 0
    for row in 0..<rows {
        let low = max(0, row - window), high = min(columns - 1, row + window)
        if low > high { continue }
        for column in low...high where b[column] == a[row] && takenB & (1 << UInt64(column)) == 0 {
            takenA |= 1 << UInt64(row)
            takenB |= 1 << UInt64(column)
            break
        }
    }
    let common = takenA.nonzeroBitCount
    if common == 0 { return 0 }
    var outOfPlace = 0, restA = takenA, restB = takenB
    while restA != 0 {
        if a[restA.trailingZeroBitCount] != b[restB.trailingZeroBitCount] { outOfPlace += 1 }
        restA &= restA - 1
        restB &= restB - 1
    }
    let matches = Double(common)
    let jaro = (matches / Double(rows) + matches / Double(columns) + (matches - Double(outOfPlace / 2)) / matches) / 3
    var prefix = 0
    while prefix < min(4, rows, columns), a[prefix] == b[prefix] { prefix += 1 }
    return jaro + Double(prefix) * 0.1 * (1 - jaro)
}
