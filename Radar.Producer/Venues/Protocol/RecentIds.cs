using Radar.Market;

namespace Radar.Producer.Venues.Protocol;

/// <summary>The newest ids of a symbol, where ids are names and do not count.</summary>
/// <param name="max">So many are remembered; the oldest is forgotten first.</param>
internal sealed class RecentIds(int max)
{
    private readonly HashSet<TradeId> _ids = [];
    private readonly Queue<TradeId> _order = new();

    public bool Contains(TradeId id) => _ids.Contains(id);

    /// <summary>False where the id is remembered.</summary>
    public bool TryAdd(TradeId id)
    {
        if (!_ids.Add(id))
            return false;
        _order.Enqueue(id);
        if (_order.Count > max)
            _ids.Remove(_order.Dequeue());
        return true;
    }
}
