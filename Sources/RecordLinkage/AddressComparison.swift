/// Compares what leads to a door: the street and its number.
enum StreetComparison {
    static let same: UInt8 = 1, sameStreet: UInt8 = 2, closeNumber: UInt8 = 3, otherNumber: UInt8 = 4
    static let closeStreet: UInt8 = 5, closeStreetNoNumber: UInt8 = 6, closeStreetOtherNumber: UInt8 = 7
    static let onlySameNumber: UInt8 = 8, otherStreet: UInt8 = 9, different: UInt8 = 10, onlyOtherNumber: UInt8 = 11
    /// The street of one stands where the other has its premises.
    static let exchanged: UInt8 = 12

    static func level(_ a: RecordFeatures, _ b: RecordFeatures, _ words: TextView, _ codes: TextView) -> UInt8 {
        let number = numberLevel(a.streetNumber, b.streetNumber, codes)
        if a.street == 0 || b.street == 0 {
            return number == 0 ? 0 : number == 1 ? onlySameNumber : onlyOtherNumber
        }
        switch TextComparison.level(a.street, b.street, words) {
        case TextComparison.same: return number == 1 ? same : number == 0 ? sameStreet : number == 2 ? closeNumber : otherNumber
        case TextComparison.close: return number == 1 ? closeStreet : number == 3 ? closeStreetOtherNumber : closeStreetNoNumber
        default: break
        }
        if isExchanged(a, b, words) { return exchanged }
        return number == 1 ? otherStreet : different
    }

    private static func isExchanged(_ a: RecordFeatures, _ b: RecordFeatures, _ words: TextView) -> Bool {
        let there = TextComparison.level(a.street, b.premises, words), back = TextComparison.level(a.premises, b.street, words)
        return there == TextComparison.same || there == TextComparison.close || back == TextComparison.same || back == TextComparison.close
    }

    /// 0 unknown, 1 same, 2 a slip, 3 different.
    private static func numberLevel(_ a: UInt32, _ b: UInt32, _ codes: TextView) -> UInt8 {
        if a == 0 || b == 0 { return 0 }
        if a == b { return 1 }
        let one = codes.text(a), other = codes.text(b)
        let isLong = max(one.count, other.count) > 1
        return isLong && editDistance(one, other, limit: 1) <= 1 ? 2 : 3
    }
}

/// Compares where a door is: the town or district, the postcode, the region.
enum LocalityComparison {
    static let same: UInt8 = 1, samePlaceClosePostcode: UInt8 = 2, samePlace: UInt8 = 3, samePlaceOtherPostcode: UInt8 = 4
    static let closePlace: UInt8 = 5, closePlaceOtherPostcode: UInt8 = 6, onlySamePostcode: UInt8 = 7
    static let otherPlace: UInt8 = 8, closePostcode: UInt8 = 9, sameRegion: UInt8 = 10, different: UInt8 = 11, onlySameRegion: UInt8 = 12
    /// In one town or under one postcode, and not there, where the streets differ.
    static let nearby: UInt8 = 13, elsewhere: UInt8 = 14

    static func isNear(_ level: UInt8) -> Bool { level <= otherPlace && level != closePlaceOtherPostcode }

    static func level(_ a: RecordFeatures, _ b: RecordFeatures, _ words: TextView, _ codes: TextView) -> UInt8 {
        let postcode = CodeComparison.level(a.postcode, b.postcode, codes)
        let region = TextComparison.level(a.region, b.region, words)
        let isSameRegion = region == TextComparison.same
        switch TextComparison.level(a.locality, b.locality, words) {
        case 0:
            if postcode == 0 { return region == 0 ? 0 : isSameRegion ? onlySameRegion : different }
            return postcode == 1 ? onlySamePostcode : postcode == 2 ? closePostcode : isSameRegion ? sameRegion : different
        case TextComparison.same:
            // Many towns have a district of one name.
            if region != 0, !isSameRegion, postcode == 0 || postcode == 3 { return different }
            return postcode == 1 ? same : postcode == 2 ? samePlaceClosePostcode : postcode == 0 ? samePlace : samePlaceOtherPostcode
        case TextComparison.close: return postcode == 1 ? closePlace : closePlaceOtherPostcode
        default:
            if postcode == 1 { return otherPlace }
            return postcode == 2 && isSameRegion ? closePostcode : isSameRegion ? sameRegion : different
        }
    }
}

/// Compares words that stand for a place or a thing.
enum TextComparison {
    static let same: UInt8 = 1, close: UInt8 = 2, different: UInt8 = 3
    /// Premises in different streets.
    static let sameElsewhere: UInt8 = 4, elsewhere: UInt8 = 5
    /// The Jaro–Winkler similarity from which two texts are close.
    static let closeness = 0.9

    @inline(__always)
    static func level(_ a: UInt32, _ b: UInt32, _ words: TextView) -> UInt8 {
        if a == 0 || b == 0 { return 0 }
        if a == b { return same }
        let one = words.text(a), other = words.text(b)
        if words.script(a) != .latin, words.script(b) != .latin, words.readingHash(a) == words.readingHash(b) { return close }
        if min(one.count, other.count) >= 4 {
            if editDistance(one, other, limit: 2) <= (max(one.count, other.count) >= 8 ? 2 : 1) { return close }
            if one.count >= 6, jaroWinkler(one, other) >= closeness { return close }
        }
        return different
    }
}
