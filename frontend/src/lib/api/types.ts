import type { admin } from '../../../wailsjs/go/models';

/**
 * A generated DTO as it really travels: a Go pointer is null rather than absent, and a named string type is the
 * union of its values rather than an enum object, so that pages compare with plain words.
 */
export type Wire<T> = T extends string
  ? `${T}`
  : T extends readonly (infer U)[]
    ? Wire<U>[]
    : T extends object
      ? { [K in keyof T]-?: undefined extends T[K] ? Wire<NonNullable<T[K]>> | null : Wire<T[K]> }
      : T;

export type Account = Wire<admin.Account>;
export type AccountRef = Wire<admin.AccountRef>;
export type AccountState = Wire<admin.AccountState>;
export type AccountTest = Wire<admin.AccountTest>;
export type AccountURLPreview = Wire<admin.AccountURLPreview>;
export type ActionKind = Wire<admin.ActionKind>;
export type AddAccountRequest = Wire<admin.AddAccountRequest>;
export type AddAccountResult = Wire<admin.AddAccountResult>;
export type Attempt = Wire<admin.Attempt>;
export type Attention = Wire<admin.Attention>;
export type AttentionAction = Wire<admin.AttentionAction>;
export type BaseURLProblem = Wire<admin.BaseURLProblem>;
export type BaseURLs = Wire<admin.BaseURLs>;
export type Capabilities = Wire<admin.Capabilities>;
export type CheckPortRequest = Wire<admin.CheckPortRequest>;
export type ClientFile = Wire<admin.ClientFile>;
export type ClientFilePlan = Wire<admin.ClientFilePlan>;
export type ClientOverview = Wire<admin.ClientOverview>;
export type ClientPlan = Wire<admin.ClientPlan>;
export type ClientPlanRequest = Wire<admin.ClientPlanRequest>;
export type ClientState = Wire<admin.ClientState>;
export type ClientVerification = Wire<admin.ClientVerification>;
export type CodingClient = Wire<admin.CodingClient>;
export type ConnectGuide = Wire<admin.ConnectGuide>;
export type ConnectGuidesRequest = Wire<admin.ConnectGuidesRequest>;
export type ConnectStep = Wire<admin.ConnectStep>;
export type Cooldown = Wire<admin.Cooldown>;
export type CreateKeyRequest = Wire<admin.CreateKeyRequest>;
export type CreatedKey = Wire<admin.CreatedKey>;
export type DatabaseReport = Wire<admin.DatabaseReport>;
export type DoctorStep = Wire<admin.DoctorStep>;
export type DoctorStepState = Wire<admin.DoctorStepState>;
export type DoctorWalk = Wire<admin.DoctorWalk>;
export type DoctorReport = Wire<admin.DoctorReport>;
export type DoctorRequest = Wire<admin.DoctorRequest>;
export type Exchange = Wire<admin.Exchange>;
export type ExchangeDetail = Wire<admin.ExchangeDetail>;
export type ExchangeRef = Wire<admin.ExchangeRef>;
export type FieldType = Wire<admin.FieldType>;
export type FirstRunStep = Wire<admin.FirstRunStep>;
export type GuideFile = Wire<admin.GuideFile>;
export type Key = Wire<admin.Key>;
export type KeyRef = Wire<admin.KeyRef>;
export type LANCheck = Wire<admin.LANCheck>;
export type LANAddress = Wire<admin.LANAddress>;
export type Loss = Wire<admin.Loss>;
export type Model = Wire<admin.Model>;
export type Moment = Wire<admin.Moment>;
export type Option = Wire<admin.Option>;
export type PoolCounts = Wire<admin.PoolCounts>;
export type PortCheck = Wire<admin.PortCheck>;
export type Quota = Wire<admin.Quota>;
export type PreviewAccountURLRequest = Wire<admin.PreviewAccountURLRequest>;
export type ProviderDescriptor = Wire<admin.ProviderDescriptor>;
export type ProviderField = Wire<admin.ProviderField>;
export type RecentTrafficRequest = Wire<admin.RecentTrafficRequest>;
export type RemovedAccount = Wire<admin.RemovedAccount>;
export type RevealedKey = Wire<admin.RevealedKey>;
export type Route = Wire<admin.Route>;
export type ServerError = Wire<admin.ServerError>;
export type ServerState = Wire<admin.ServerState>;
export type ServerStatus = Wire<admin.ServerStatus>;
export type SetLANRequest = Wire<admin.SetLANRequest>;
export type SetLANResult = Wire<admin.SetLANResult>;
export type SetPortRequest = Wire<admin.SetPortRequest>;
export type SetSettingsRequest = Wire<admin.SetSettingsRequest>;
export type Setting = Wire<admin.Setting>;
export type SettingChange = Wire<admin.SettingChange>;
export type SettingType = Wire<admin.SettingType>;
export type Severity = Wire<admin.Severity>;
export type Snippet = Wire<admin.Snippet>;
export type State = Wire<admin.State>;
export type Status = Wire<admin.Status>;
export type StatusCounts = Wire<admin.StatusCounts>;
export type Topic = Wire<admin.Topic>;
export type TrafficPage = Wire<admin.TrafficPage>;
export type UnsetSettingsRequest = Wire<admin.UnsetSettingsRequest>;
export type UsageBucket = Wire<admin.UsageBucket>;
export type UsageReport = Wire<admin.UsageReport>;
export type UsageRequest = Wire<admin.UsageRequest>;
export type UsageRow = Wire<admin.UsageRow>;
export type UsageTotals = Wire<admin.UsageTotals>;
