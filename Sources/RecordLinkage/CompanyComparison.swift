/// Compares the names of organizations without place, legal form and branch.
enum CompanyNameComparison {
    static let same: UInt8 = 1, sameReading: UInt8 = 2, close: UInt8 = 3
    /// The brand is the same and one name says no more.
    static let onlyBrand: UInt8 = 4
    /// The brand is the same, and the one business is a part of the other.
    static let partOfTrade: UInt8 = 5
    static let otherTrade: UInt8 = 6
    /// One brand is a part of the other.
    static let partOfBrand: UInt8 = 7
    static let closeBrand: UInt8 = 8
    static let different: UInt8 = 9

    static func level(_ a: RecordFeatures, _ b: RecordFeatures, _ words: TextView) -> UInt8 {
        if a.fullName == 0 || b.fullName == 0 { return 0 }
        if a.fullName == b.fullName { return same }
        if words.readingHash(a.fullName) == words.readingHash(b.fullName) { return sameReading }
        let full = words.text(a.fullName), other = words.text(b.fullName)
        if a.brand == b.brand {
            if a.trade == 0 || b.trade == 0 { return onlyBrand }
            return share(words.text(a.trade), words.text(b.trade)) ? partOfTrade : otherTrade
        }
        if full.count == other.count, full.count >= 4, editDistance(full, other, limit: 1) <= 1 { return close }
        let shorter = min(full.count, other.count)
        if shorter >= 5, editDistance(full, other, limit: 1) <= 1 { return close }
        if shorter >= 8, editDistance(full, other, limit: 2) <= 2 { return close }
        let brand = words.text(a.brand), otherBrand = words.text(b.brand)
        if full.starts(with: otherBrand) && otherBrand.count > 1 || other.starts(with: brand) && brand.count > 1 { return partOfBrand }
        if words.readingHash(a.brand) == words.readingHash(b.brand) { return closeBrand }
        if min(brand.count, otherBrand.count) >= 3, editDistance(brand, otherBrand, limit: 1) <= 1 { return closeBrand }
        return different
    }

    /// Whether every character of the shorter one stands in the longer one, in order.
    private static func share(_ a: Units, _ b: Units) -> Bool {
        let short = a.count <= b.count ? a : b, long = a.count <= b.count ? b : a
        var index = 0
        for unit in long where index < short.count && short[index] == unit { index += 1 }
        return index == short.count
    }
}

/// Compares the places in the names of organizations.
enum SeatComparison {
    static let same: UInt8 = 1, different: UInt8 = 2

    @inline(__always)
    static func level(_ a: UInt32, _ b: UInt32) -> UInt8 { a == 0 || b == 0 ? 0 : a == b ? same : different }
}

/// Compares branches: one is not its parent, and not another branch.
enum BranchComparison {
    static let bothWhole: UInt8 = 1, same: UInt8 = 2, close: UInt8 = 3, branchAndWhole: UInt8 = 4, different: UInt8 = 5

    static func level(_ a: RecordFeatures, _ b: RecordFeatures, _ words: TextView) -> UInt8 {
        if a.fullName == 0 || b.fullName == 0 { return 0 }
        if a.branch == b.branch { return a.branch == 0 ? bothWhole : same }
        if a.branch == 0 || b.branch == 0 { return branchAndWhole }
        let one = words.text(a.branch), other = words.text(b.branch)
        // 苏州分公司 and 苏州
        let short = one.count < other.count ? one : other, long = one.count < other.count ? other : one
        if short.count >= 2, long.starts(with: short) || editDistance(one, other, limit: 1) <= 1 && one.count == other.count && one.count > 6 { return close }
        return different
    }
}
