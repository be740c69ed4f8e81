using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>Turns names and addresses into open stores.</summary>
/// <param name="configuration">The configuration, which names stores.</param>
/// <param name="providers">The kinds of store that this build has.</param>
public sealed class StoreCatalog(IntegrityConfiguration configuration, IReadOnlyList<IStoreProvider> providers)
{
    /// <summary>Finds a store without opening it: a configured name first, then an address or a path.</summary>
    /// <param name="nameOrAddress">The name, address or path; null: the default store.</param>
    /// <exception cref="IntegrityException">
    /// <see cref="ErrorIds.UnknownStore"/>, <see cref="ErrorIds.InvalidAddress"/> or <see cref="ErrorIds.PasswordInAddress"/>.
    /// </exception>
    public StoreReference Resolve(string? nameOrAddress)
    {
        var settings = string.IsNullOrEmpty(nameOrAddress) ? FindDefault() : Find(nameOrAddress);
        if (settings is not null)
        {
            return new StoreReference(StoreAddress.Parse(settings.Address), settings);
        }

        var address = ParseUnnamed(nameOrAddress!);
        return new StoreReference(address, FindAt(address));
    }

    /// <summary>The store that a list from the ledger is about: the one that is named, or without a name the default one; all of them when there is no default, or all are asked for.</summary>
    /// <param name="nameOrAddress">The name, address or path; null: none was named.</param>
    /// <param name="all">True when all are asked for.</param>
    /// <returns>The canonical address; null: all stores.</returns>
    /// <exception cref="IntegrityException">As <see cref="Resolve"/>; <see cref="ErrorIds.InvalidArgument"/>: one and all are asked for.</exception>
    public string? ResolveForList(string? nameOrAddress, bool all) => (nameOrAddress, all) switch
    {
        (not null, true) => throw new IntegrityException(
            ErrorIds.InvalidArgument, "One store was named, and all stores were asked for.", nameOrAddress, $"Leave out the name, or {CommandWords.Option("--all-stores", "-AllStores")}."),
        (null, true) => null,
        (null, false) when Default is null => null,
        _ => Resolve(nameOrAddress).Address.Canonical,
    };

    /// <summary>Opens a store, with the credential given here, else the store's own, else <c>INTEGRITY_USER</c> and <c>INTEGRITY_PASSWORD</c>.</summary>
    /// <param name="nameOrAddress">The name, address or path; null: the default store.</param>
    /// <param name="credential">The credential given on the command, or null.</param>
    /// <param name="limits">Bounds on the work in the place of the configured ones, or null.</param>
    /// <exception cref="IntegrityException">
    /// As <see cref="Resolve"/>; <see cref="ErrorIds.UnknownStore"/> also for a kind that this build lacks;
    /// <see cref="ErrorIds.LoginRefused"/> for a user's name with no password; <see cref="ErrorIds.InvalidConfiguration"/> for a password that
    /// cannot be read.
    /// </exception>
    public IIntegrityStore Open(string? nameOrAddress, StoreCredential? credential = null, ScanLimits? limits = null)
    {
        var reference = Resolve(nameOrAddress);
        var bounded = limits is null ? configuration : configuration with { Performance = limits.Over(configuration.Performance) };
        return ProviderOf(reference.Address).Open(reference, credential ?? CredentialFor(reference, Environment.GetEnvironmentVariable), bounded);
    }

    /// <summary>The configured stores, in the file's order.</summary>
    public IReadOnlyList<StoreDescriptor> List() =>
        [.. configuration.Stores.Select(store => new StoreReference(StoreAddress.Parse(store.Address), store).Descriptor)];

    /// <summary>A name for the new file that a repair of this store needs (<c>--to</c>, <c>-Destination</c>); null for a store that is changed in place.</summary>
    /// <param name="nameOrAddress">The name, address or path; null: the default store.</param>
    /// <param name="undoing">True when an execution is taken back.</param>
    public string? SuggestDestination(string? nameOrAddress, bool undoing)
    {
        var address = Resolve(nameOrAddress).Address;
        return ProviderOf(address).SuggestDestination(address, undoing);
    }

    internal static StoreCredential? CredentialFor(StoreReference reference, Func<string, string?> environment)
    {
        // A file needs none, and must not ask for the password of some server.
        if (reference.Address.Server is null)
        {
            return null;
        }

        var settings = reference.Settings;
        var own = Secrets.Read(settings?.PasswordFile, settings?.PasswordEnvironment, "the password of this store");
        var user = settings?.User ?? reference.Address.UserName ?? environment("INTEGRITY_USER");
        var password = own ?? environment("INTEGRITY_PASSWORD");
        if (string.IsNullOrEmpty(user))
        {
            return own is null ? null : throw Incomplete(reference, "a password but no user's name", "Add user to the store in integrity.yaml.");
        }

        return !string.IsNullOrEmpty(password)
            ? new StoreCredential(user, password)
            : throw Incomplete(
                reference,
                $"the user's name {user} but no password",
                "Give it with a credential, password_file or password_environment in integrity.yaml, or INTEGRITY_PASSWORD.");
    }

    private IStoreProvider ProviderOf(StoreAddress address) =>
        providers.FirstOrDefault(candidate => candidate.Kind == address.Kind) ?? throw new IntegrityException(
            ErrorIds.UnknownStore,
            $"This build opens no stores of kind {address.Kind}; it has: {string.Join(", ", providers.Select(known => known.Kind))}.",
            address.Canonical,
            "Name a store of one of these kinds.");

    private static IntegrityException Incomplete(StoreReference reference, string what, string nextStep) =>
        new(ErrorIds.LoginRefused, $"The store has {what}.", reference.Address.Canonical, nextStep);

    private StoreSettings? Find(string name) =>
        configuration.Stores.FirstOrDefault(store => store.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    // Issues, plans and executions name their store by its address: what is configured for it holds there too, unless another user is meant.
    private StoreSettings? FindAt(StoreAddress address) => configuration.Stores.FirstOrDefault(store =>
    {
        var configured = StoreAddress.Parse(store.Address);
        return configured.Canonical == address.Canonical
            && (address.UserName is null || address.UserName == (store.User ?? configured.UserName));
    });

    private StoreSettings? Default => (configuration.DefaultStore is { } name ? Find(name) : configuration.Stores.FirstOrDefault(store => store.Default))
        ?? (configuration.Stores.Count == 1 ? configuration.Stores[0] : null);

    private StoreSettings FindDefault() => Default ?? throw new IntegrityException(
        ErrorIds.UnknownStore,
        $"No store was named, and there is no default; {Known()}.",
        nextStep: "Name a store or an address, or set default_store in integrity.yaml.");

    private StoreAddress ParseUnnamed(string text)
    {
        try
        {
            return StoreAddress.Parse(text);
        }
        catch (IntegrityException exception) when (exception.ErrorId == ErrorIds.UnknownStore)
        {
            var nearest = NearestWord.Of(text, configuration.Stores.Select(store => store.Name));
            var hint = nearest is null ? string.Empty : $" Did you mean '{nearest}'?";
            throw new IntegrityException(ErrorIds.UnknownStore, $"{exception.Message} {Capital(Known())}.{hint}", exception.Target, exception.NextStep, exception);
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private string Known() => configuration.Stores.Count == 0
        ? "no stores are configured"
        : $"configured are: {string.Join(", ", configuration.Stores.Select(store => store.Name))}";
}
