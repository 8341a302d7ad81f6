using System.Reflection;

namespace Radar.Tests.Fixtures;

/// <summary>Passes the calls of a <see cref="DispatchProxy"/> on.</summary>
internal static class ProxyCalls
{
    /// <summary>Calls a method of what stands behind a proxy. What that throws, the proxy's caller gets without a wrapper.</summary>
    public static object? CallOn(this MethodInfo method, object? target, object?[]? args) =>
        method.Invoke(target, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
}
