namespace Radar.Producer.Mapping;

/// <summary>What a record may say of a trade.</summary>
internal enum TickField
{
    /// <summary>The symbol.</summary>
    Symbol,

    /// <summary>The price of one unit.</summary>
    Price,

    /// <summary>The event time, or a time of day beside <see cref="Date"/>.</summary>
    Time,

    /// <summary>The day, where the time is one of day.</summary>
    Date,

    /// <summary>Traded units.</summary>
    Size,

    /// <summary>The venue's identity of the trade.</summary>
    TradeId,

    /// <summary>The side.</summary>
    Side,

    /// <summary>The venue's name.</summary>
    Venue,

    /// <summary>The mark of a correction or cancel.</summary>
    Correction,
}

/// <summary>One record, whatever it is written in.</summary>
internal interface ITickFields
{
    /// <summary>The value of a field; missing where the record has none.</summary>
    Scalar this[TickField field] { get; }

    /// <summary>The value that the filter's condition of this index asks for.</summary>
    Scalar Condition(int index);
}

/// <summary>One record whose values are found by paths.</summary>
internal interface IPathValues
{
    /// <summary>The value at a path, without a look at its alternatives; missing where the record has none.</summary>
    Scalar At(FieldPath path);
}
