export namespace admin {
	
	export enum AccountState {
	    Cooling = "cooling",
	    Disabled = "disabled",
	    NeedsSignIn = "needs_sign_in",
	    OutOfQuota = "out_of_quota",
	    Ready = "ready",
	    Refused = "refused",
	}
	export enum ActionKind {
	    OpenPage = "open_page",
	    SetSetting = "set_setting",
	    StartServer = "start_server",
	    TryAccount = "try_account",
	    UsePort = "use_port",
	}
	export enum ClientState {
	    Broken = "broken",
	    ByHand = "by_hand",
	    Changed = "changed",
	    Elsewhere = "elsewhere",
	    NotSetUp = "not_set_up",
	    Outdated = "outdated",
	    SetUp = "set_up",
	}
	export enum DoctorStepState {
	    Bad = "bad",
	    OK = "ok",
	    Skipped = "skipped",
	    Warn = "warn",
	}
	export enum FieldType {
	    Choice = "choice",
	    List = "list",
	    Multiline = "multiline",
	    Secret = "secret",
	    Text = "text",
	    URL = "url",
	}
	export enum ServerState {
	    Failed = "failed",
	    Running = "running",
	    Starting = "starting",
	    Stopped = "stopped",
	    Stopping = "stopping",
	}
	export enum SettingType {
	    Bool = "bool",
	    Bytes = "bytes",
	    Choice = "choice",
	    Duration = "duration",
	    Int = "int",
	    List = "list",
	    Secret = "secret",
	    String = "string",
	}
	export enum Severity {
	    Bad = "bad",
	    Info = "info",
	    Warn = "warn",
	}
	export enum Topic {
	    Accounts = "accounts",
	    Doctor = "doctor",
	    Keys = "keys",
	    Problems = "problems",
	    Settings = "settings",
	    State = "state",
	    Toast = "toast",
	    Traffic = "traffic",
	}
	export interface ModelQuota {
	    model: string;
	    remaining: number;
	    reset_at?: string;
	}
	export interface Quota {
	    group: string;
	    remaining: number;
	    reset_at?: string;
	    models: ModelQuota[];
	}
	export interface Cooldown {
	    model: string;
	    until: string;
	    reason: string;
	}
	export interface Account {
	    id: string;
	    name: string;
	    provider: string;
	    base_url: string;
	    state: AccountState;
	    reason: string;
	    until?: string;
	    models: string[];
	    last_used_at?: string;
	    enabled: boolean;
	    created_at: string;
	    key_hint: string;
	    in_flight: number;
	    cooldowns: Cooldown[];
	    last_error: string;
	    requests: number;
	    errors: number;
	    link: string;
	    quotas: Quota[];
	    quotas_at?: string;
	}
	export interface AccountRef {
	    id: string;
	}
	export interface AccountTest {
	    ok: boolean;
	    summary: string;
	    detail: string;
	    hint: string;
	    code: string;
	    latency_ms: number;
	    models: string[];
	    url: string;
	}
	export interface AccountURLPreview {
	    url: string;
	    valid: boolean;
	    warning: string;
	}
	export interface AddAccountRequest {
	    provider: string;
	    name: string;
	    base_url: string;
	    api: string;
	    api_key: string;
	    auth: string;
	    project: string;
	    location: string;
	    models: string[];
	    skip_test: boolean;
	}
	export interface AddAccountResult {
	    saved: boolean;
	    account?: Account;
	    test?: AccountTest;
	}
	export interface Attempt {
	    account_name: string;
	    provider: string;
	    model: string;
	    started_ms: number;
	    duration_ms: number;
	    status: number;
	    outcome: string;
	    reason: string;
	}
	export interface AttentionAction {
	    kind: ActionKind;
	    label: string;
	    target: string;
	    value: string;
	}
	export interface Attention {
	    id: string;
	    severity: Severity;
	    title: string;
	    detail: string;
	    action?: AttentionAction;
	}
	
	export interface BaseURLProblem {
	    id: string;
	    code: string;
	    method: string;
	    path: string;
	    client: string;
	    protocol: string;
	    message: string;
	    use_base_url: string;
	    rewrite_to: string;
	    count: number;
	    first_seen_at: string;
	    last_seen_at: string;
	}
	export interface BaseURLs {
	    openai: string;
	    anthropic: string;
	    gemini: string;
	}
	export interface Capabilities {
	    window: boolean;
	    closes_listener: boolean;
	    platform: string;
	}
	export interface CheckPortRequest {
	    port: number;
	}
	export interface ClientApplyRequest {
	    name: string;
	    key_id: string;
	    model: string;
	    small_model: string;
	    digest: string;
	}
	export interface ClientFile {
	    path: string;
	    exists: boolean;
	    error: string;
	}
	export interface ClientFilePlan {
	    path: string;
	    action: string;
	    diff: string;
	}
	export interface CodingClient {
	    name: string;
	    title: string;
	    installed: boolean;
	    binary: string;
	    version: string;
	    state: ClientState;
	    base_url: string;
	    model: string;
	    small_model: string;
	    key_name: string;
	    set_up_at?: string;
	    files: ClientFile[];
	    warnings: string[];
	    notes: string[];
	    backups: string;
	}
	export interface ClientOverview {
	    machine: string;
	    home: string;
	    clients: CodingClient[];
	}
	export interface ClientPlan {
	    name: string;
	    title: string;
	    changed: boolean;
	    files: ClientFilePlan[];
	    warnings: string[];
	    notes: string[];
	    root: string;
	    model: string;
	    small_model: string;
	    key_name: string;
	    key_is_new: boolean;
	    model_known: boolean;
	    small_known: boolean;
	    backups: string;
	    digest: string;
	    restore_of: string;
	}
	export interface ClientPlanRequest {
	    name: string;
	    key_id: string;
	    model: string;
	    small_model: string;
	}
	export interface ClientRef {
	    name: string;
	}
	export interface ClientRestoreRequest {
	    name: string;
	    digest: string;
	}
	export interface ClientVerification {
	    name: string;
	    command: string;
	    url: string;
	    model: string;
	    ok: boolean;
	    status: number;
	    answer: string;
	    error: string;
	    note: string;
	    latency_ms: number;
	}
	
	export interface Snippet {
	    title: string;
	    protocol: string;
	    language: string;
	    code: string;
	}
	export interface GuideTrouble {
	    sign: string;
	    cure: string;
	}
	export interface GuideFile {
	    linux: string;
	    macos: string;
	    windows: string;
	    highlight: string;
	    text: string;
	}
	export interface GuideWay {
	    title: string;
	    steps: string[];
	}
	export interface ConnectStep {
	    label: string;
	    value: string;
	    help: string;
	    secret: boolean;
	}
	export interface ConnectGuide {
	    id: string;
	    name: string;
	    kind: string;
	    protocol: string;
	    base_url: string;
	    summary: string;
	    doc: string;
	    request: string;
	    key_place: string;
	    models: string;
	    command: string;
	    steps: ConnectStep[];
	    ways: GuideWay[];
	    files: GuideFile[];
	    troubles: GuideTrouble[];
	    notes: string[];
	    snippets: Snippet[];
	}
	export interface ConnectGuidesRequest {
	    key_id: string;
	    model: string;
	    host: string;
	}
	
	
	export interface CreateKeyRequest {
	    name: string;
	    expires_at?: string;
	}
	export interface Key {
	    id: string;
	    name: string;
	    prefix: string;
	    enabled: boolean;
	    created_at: string;
	    last_used_at?: string;
	    expires_at?: string;
	    expired: boolean;
	    source: string;
	}
	export interface CreatedKey {
	    key: Key;
	    secret: string;
	}
	export interface DatabaseReport {
	    ok: boolean;
	    problems: string[];
	    size: number;
	    size_before: number;
	    schema: string;
	}
	export interface DoctorReport {
	    verdict: string;
	    code: string;
	    client: string;
	    protocol: string;
	    base_url: string;
	    why: string;
	    guide: string;
	    rewrite_to: string;
	    lines: string[];
	}
	export interface DoctorRequest {
	    target: string;
	}
	export interface DoctorStep {
	    id: string;
	    title: string;
	    state: DoctorStepState;
	    code: string;
	    summary: string;
	    details: string[];
	    cure: string;
	    duration_ms: number;
	}
	export interface DoctorWalk {
	    id: string;
	    verdict: string;
	    code: string;
	    client: string;
	    protocol: string;
	    base_url: string;
	    why: string;
	    steps: DoctorStep[];
	}
	export interface DoctorWalkRequest {
	    id: string;
	    model: string;
	    skip_upstream: boolean;
	}
	export interface Exchange {
	    id: string;
	    started_at: string;
	    state: string;
	    method: string;
	    path: string;
	    client: string;
	    key_name: string;
	    client_protocol: string;
	    upstream_protocol: string;
	    passthrough: boolean;
	    stream: boolean;
	    model: string;
	    resolved_model: string;
	    provider: string;
	    account_name: string;
	    status: number;
	    error_code: string;
	    error: string;
	    attempts: number;
	    first_event_ms?: number;
	    duration_ms?: number;
	    input_tokens: number;
	    cached_tokens: number;
	    output_tokens: number;
	    reasoning_tokens: number;
	    finish_reason: string;
	    losses: number;
	}
	export interface Loss {
	    path: string;
	    reason: string;
	    grade: string;
	    code: string;
	    detail: string;
	}
	export interface Moment {
	    name: string;
	    at_ms: number;
	}
	export interface ExchangeDetail {
	    exchange: Exchange;
	    request_id: string;
	    timeline: Moment[];
	    attempts: Attempt[];
	    losses: Loss[];
	    request_body: string;
	    response_body: string;
	    bodies_kept: string;
	}
	export interface ExchangeRef {
	    id: string;
	}
	export interface FirstRunStep {
	    id: string;
	    title: string;
	    detail: string;
	    done: boolean;
	}
	
	
	
	
	export interface KeyRef {
	    id: string;
	}
	export interface LANAddress {
	    address: string;
	    interface: string;
	    url: string;
	}
	export interface LANCheckAddress {
	    interface: string;
	    url: string;
	    reachable: boolean;
	    problem: string;
	}
	export interface LANCheck {
	    on: boolean;
	    port: number;
	    needs_key: boolean;
	    has_key: boolean;
	    addresses: LANCheckAddress[];
	}
	
	export interface LANCheckRequest {
	    address: string;
	}
	
	export interface Model {
	    id: string;
	    display_name: string;
	    provider: string;
	    accounts: number;
	    input_limit: number;
	    output_limit: number;
	    methods: string[];
	}
	
	
	export interface Option {
	    value: string;
	    label: string;
	}
	export interface PoolCounts {
	    ready: number;
	    cooling: number;
	    blocked: number;
	    disabled: number;
	    loopback: boolean;
	}
	export interface PortCheck {
	    port: number;
	    free: boolean;
	    own: boolean;
	    holder: string;
	    message: string;
	    next_free_port: number;
	}
	export interface PreviewAccountURLRequest {
	    provider: string;
	    base_url: string;
	    api: string;
	    project: string;
	    location: string;
	}
	export interface ProviderField {
	    name: string;
	    label: string;
	    help: string;
	    type: FieldType;
	    required: boolean;
	    secret: boolean;
	    default: string;
	    placeholder: string;
	    options: Option[];
	}
	export interface ProviderDescriptor {
	    kind: string;
	    label: string;
	    description: string;
	    key_url: string;
	    fields: ProviderField[];
	}
	
	
	export interface RecentTrafficRequest {
	    limit: number;
	    before_id: string;
	}
	export interface RemovedAccount {
	    id: string;
	    name: string;
	    undo_until: string;
	}
	export interface RevealedKey {
	    id: string;
	    secret: string;
	}
	export interface Route {
	    method: string;
	    path: string;
	    url: string;
	    protocol: string;
	    summary: string;
	    needs_key: boolean;
	    available: boolean;
	    curl: string;
	}
	export interface ServerError {
	    code: string;
	    message: string;
	    hint: string;
	    port: number;
	    next_free_port: number;
	}
	export interface ServerStatus {
	    state: ServerState;
	    addresses: string[];
	    port: number;
	    lan: boolean;
	    lan_locked: string;
	    port_locked: string;
	    lan_addresses: LANAddress[];
	    auth_mode: string;
	    effective: string;
	    base_urls: BaseURLs;
	    started_at?: string;
	    error?: ServerError;
	}
	export interface SetLANRequest {
	    enabled: boolean;
	}
	export interface SetLANResult {
	    server: ServerStatus;
	    new_key?: CreatedKey;
	}
	export interface SetPortRequest {
	    port: number;
	}
	export interface SettingChange {
	    key: string;
	    value: string;
	}
	export interface SetSettingsRequest {
	    changes: SettingChange[];
	}
	export interface Setting {
	    key: string;
	    section: string;
	    label: string;
	    description: string;
	    type: SettingType;
	    value: string;
	    default: string;
	    options: Option[];
	    changed: boolean;
	    locked: boolean;
	    locked_by: string;
	}
	
	
	export interface State {
	    version: string;
	    demo: boolean;
	    capabilities: Capabilities;
	    server: ServerStatus;
	    pool: PoolCounts;
	    needs_attention: Attention[];
	    first_run: FirstRunStep[];
	    in_flight: number;
	    theme: string;
	    language: string;
	    problems: number;
	}
	export interface StatusCounts {
	    ready: number;
	    cooling: number;
	    blocked: number;
	    disabled: number;
	}
	export interface Status {
	    running: boolean;
	    pid: number;
	    addresses: string[];
	    port: number;
	    lan: boolean;
	    auth_mode: string;
	    version: string;
	    accounts: StatusCounts;
	    state: ServerState;
	    started_at?: string;
	    problem: string;
	}
	
	export interface TrafficPage {
	    exchanges: Exchange[];
	    more: boolean;
	}
	export interface UnsetSettingsRequest {
	    keys: string[];
	}
	export interface UsageBucket {
	    started_at: string;
	    requests: number;
	    errors: number;
	    input_tokens: number;
	    cached_tokens: number;
	    output_tokens: number;
	    median_first_event_ms: number;
	}
	export interface UsageRow {
	    name: string;
	    requests: number;
	    errors: number;
	    input_tokens: number;
	    cached_tokens: number;
	    output_tokens: number;
	    reasoning_tokens: number;
	    median_first_event_ms: number;
	}
	export interface UsageTotals {
	    requests: number;
	    errors: number;
	    input_tokens: number;
	    cached_tokens: number;
	    output_tokens: number;
	    reasoning_tokens: number;
	    median_first_event_ms: number;
	}
	export interface UsageReport {
	    totals: UsageTotals;
	    rows: UsageRow[];
	    series: UsageBucket[];
	    since: string;
	    until: string;
	    by: string;
	}
	export interface UsageRequest {
	    by: string;
	    since: string;
	    until: string;
	    buckets: number;
	}
	

}

export namespace main {
	
	export interface FileDialogRequest {
	    title: string;
	    filename: string;
	    pattern: string;
	}

}

