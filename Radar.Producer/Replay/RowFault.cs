using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>What is wrong with a record and how to mend it, for people.</summary>
internal static class RowFault
{
    /// <summary>The reason, without a full stop.</summary>
    public static string Of<TFields>(TickRefusal refusal, in TFields fields, MappingRules rules)
        where TFields : ITickFields, allows ref struct => refusal switch
        {
            TickRefusal.MissingSymbol =>
                "no symbol; Producer:Replay:Symbol is that of records without one, and Producer:Replay:Columns:Symbol says where it is",
            TickRefusal.BadSymbol => $"no symbol ({SymbolName.Rule})",
            TickRefusal.MissingPrice or TickRefusal.BadPrice =>
                IsAmbiguous(fields[TickField.Price], rules) ? Ambiguous("price")
                    : !rules.AnyPrice && IsNumber(fields[TickField.Price], rules)
                        ? "no price greater than 0; Radar:AllowNonPositivePrices=true takes others"
                    : rules.AnyPrice ? "no price" : "no price greater than 0",
            TickRefusal.BadSize => IsAmbiguous(fields[TickField.Size], rules) ? Ambiguous("size")
                : IsNumber(fields[TickField.Size], rules)
                    ? "the size is less than 0; Producer:Replay:SideFromSize takes its sign for the side"
                    : "the size is no number; an empty field is no size",
            TickRefusal.MissingTimestamp or TickRefusal.BadTimestamp => Time(fields[TickField.Date], fields[TickField.Time], rules.Time),
            TickRefusal.BadSide => "the side is none of the values that are known; Producer:Replay:Sides says what they mean",
            _ => $"the topic does not take it: {refusal.Name()}",
        };

    private static bool IsNumber(Scalar value, MappingRules rules) =>
        value.IsTextOrNumber && NumberText.TryParse(value.Utf8, rules.Numbers ?? NumberStyle.Auto, out _);

    private static bool IsAmbiguous(Scalar value, MappingRules rules) =>
        rules.Numbers == NumberStyle.Auto && value.Utf8.Contains((byte)',')
            && NumberText.TryParse(value.Utf8, NumberStyle.Point, out _) && NumberText.TryParse(value.Utf8, NumberStyle.Comma, out _);

    private static string Ambiguous(string what) =>
        $"the {what} may be read with a decimal comma or with separated thousands; Producer:Replay:Numbers says which (comma, point)";

    private static string Time(Scalar date, Scalar time, TimeText text)
    {
        if (text.Order == DateOrder.Auto && (text with { Order = DateOrder.DayFirst }).TryRead(date, time, out _)
            && (text with { Order = DateOrder.MonthFirst }).TryRead(date, time, out _))
        {
            return "day and month of the date may be either; Producer:Replay:DateOrder says which it is (dayfirst, monthfirst)";
        }

        if (EventTime.IsRounded(time.Utf8))
            return "a time that lost digits, as a spreadsheet saves long numbers; show its column as a number before saving";
        return "no time that can be read: it takes a date with a time of day, or Unix time from 1973 on, "
            + "or a time such as 09:30:00.123 beside a column with the date (Producer:Replay:Columns:Date); what another number counts "
            + "is set by Producer:Replay:TimeUnit, and another format, such as HHmmss beside a date, by Producer:Replay:TimeFormat";
    }
}
