"""Types of resources that cost nothing as they stand: some never, some by a use that no template tells."""

from typing import Final


def _types(names: str) -> frozenset[str]:
    return frozenset(f"AWS::{each}" for each in names.split())


FREE: Final = _types(
    """
    APS::RuleGroupsNamespace AccessAnalyzer::Analyzer ApiGatewayV2::ApiMapping ApiGatewayV2::Authorizer
    ApiGatewayV2::DomainName ApiGatewayV2::Integration ApiGatewayV2::Route ApiGatewayV2::Stage
    ApiGatewayV2::VpcLink
    ApiGateway::Account ApiGateway::Authorizer ApiGateway::BasePathMapping ApiGateway::Deployment
    ApiGateway::DomainName ApiGateway::GatewayResponse ApiGateway::Method ApiGateway::Model
    ApiGateway::RequestValidator ApiGateway::Resource ApiGateway::Stage ApiGateway::UsagePlan
    IoT::Policy IoT::RoleAlias IoT::ThingGroup IoT::ThingPrincipalAttachment
    ApplicationAutoScaling::ScalableTarget ApplicationAutoScaling::ScalingPolicy
    Backup::BackupPlan Backup::BackupSelection Backup::RestoreTestingSelection Budgets::Budget
    CE::AnomalyMonitor CE::AnomalySubscription CertificateManager::Certificate CloudFormation::LambdaHook
    CloudFront::CachePolicy CloudFront::OriginAccessControl CloudFront::OriginRequestPolicy
    CloudFront::ResponseHeadersPolicy Cognito::UserPoolClient Cognito::UserPoolDomain Cognito::UserPoolResourceServer
    Config::ConfigurationAggregator Config::DeliveryChannel
    EC2::FlowLog EC2::InternetGateway EC2::LaunchTemplate EC2::NetworkInterface EC2::Route EC2::RouteTable
    EC2::SecurityGroup EC2::SecurityGroupEgress EC2::SecurityGroupIngress EC2::Subnet EC2::SubnetRouteTableAssociation
    EC2::TransitGateway EC2::TransitGatewayRoute EC2::TransitGatewayRouteTable
    EC2::TransitGatewayRouteTableAssociation EC2::TransitGatewayRouteTablePropagation EC2::VPC
    EC2::VPCGatewayAttachment EC2::VolumeAttachment EKS::AccessEntry EKS::Addon EKS::PodIdentityAssociation
    ElastiCache::GlobalReplicationGroup ElastiCache::ParameterGroup ElastiCache::SubnetGroup ElastiCache::User
    ElastiCache::UserGroup ElasticLoadBalancingV2::Listener ElasticLoadBalancingV2::ListenerRule
    ElasticLoadBalancingV2::TargetGroup Events::Connection Events::EventBusPolicy
    FIS::ExperimentTemplate GlobalAccelerator::EndpointGroup GlobalAccelerator::Listener
    IAM::InstanceProfile IAM::ManagedPolicy IAM::OIDCProvider IAM::Policy IAM::Role IAM::ServiceLinkedRole KMS::Alias
    Lambda::Alias Lambda::EventInvokeConfig Lambda::EventSourceMapping Lambda::Permission Lambda::Version
    Logs::Destination Logs::MetricFilter Logs::ResourcePolicy Logs::SubscriptionFilter Macie::CustomDataIdentifier
    OpenSearchServerless::AccessPolicy OpenSearchServerless::LifecyclePolicy OpenSearchServerless::SecurityPolicy
    RDS::DBClusterParameterGroup RDS::DBParameterGroup RDS::DBSubnetGroup RDS::GlobalCluster RDS::OptionGroup
    RolesAnywhere::Profile RolesAnywhere::TrustAnchor Route53::DNSSEC Route53::KeySigningKey Route53::RecordSet
    S3::BucketPolicy SNS::Subscription SNS::TopicPolicy SQS::QueuePolicy SSM::Association SSM::Document SSM::Parameter
    Scheduler::ScheduleGroup SecretsManager::RotationSchedule SecretsManager::SecretTargetAttachment
    SecurityHub::FindingAggregator SecurityHub::Standard WAFv2::LoggingConfiguration WAFv2::WebACLAssociation
    XRay::Group XRay::SamplingRule
    """
)
"""Nobody is billed for them."""

BY_USE: Final = _types(
    """
    APS::Workspace ApiGateway::RestApi ApiGatewayV2::Api Backup::BackupVault Backup::RestoreTestingPlan
    CloudFront::Distribution
    CloudFront::MonitoringSubscription ECR::Repository
    CloudFront::Function CloudTrail::Trail Cognito::UserPool Config::ConfigurationRecorder Config::ConformancePack
    DynamoDB::GlobalTable DynamoDB::Table Events::ApiDestination Events::EventBus Events::Rule Grafana::Workspace
    GuardDuty::Detector InspectorV2::Filter IoT::Thing KinesisFirehose::DeliveryStream Lambda::Function Logs::LogGroup
    Macie::Session RDS::DBCluster S3::Bucket SNS::Topic SQS::Queue SSM::MaintenanceWindow Scheduler::Schedule
    SecurityHub::Hub StepFunctions::StateMachine
    """
)
"""What is billed for requests, bytes, findings or people. The control plane's own use is reckoned (``at_rest``), and so
is what the document says of the product's."""


def costs_nothing(kind: str) -> bool:
    """Whether nobody is billed for it; a custom resource is a call of a function at deployment."""
    return kind in FREE or kind.startswith("Custom::") or kind.startswith("AWS::CDK::")
