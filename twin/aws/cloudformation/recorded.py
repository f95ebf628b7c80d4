"""What a deployment may contain though the twin only writes it down: each type with what is missing.

A report names those of them that its deployment used. A type that is neither here nor in ``emulated``
fails the deployment.
"""

from typing import Final

_NO_PACKETS = "Stored and described; the twin has one loopback for all, and no packet is routed or filtered by it."
_NO_PERMISSIONS = "Stored and described; the twin checks no permission."
_NO_BALANCER = "Stored and described; its name leads to the region's workload itself."
_NO_KUBERNETES = "Stored and described; there is no Kubernetes behind it, and the workload is a process of the twin."
_NO_NODE = "Stored and described; no edge node ever shows a certificate."
_NO_CACHE = "Stored and described; there is no cache server behind it."
_NO_DISK = "Stored and described; the twin's servers keep their data in a folder."
_NO_BACKUP = "Stored and described; nothing is ever backed up."
_NO_WATCHER = "Stored and described; nothing on the twin looks for anything, and nothing is ever found."

RECORDED: Final[dict[str, str]] = {
    "AWS::AccessAnalyzer::Analyzer": _NO_WATCHER,
    "AWS::Backup::BackupPlan": _NO_BACKUP,
    "AWS::Backup::BackupSelection": _NO_BACKUP,
    "AWS::Backup::BackupVault": _NO_BACKUP,
    "AWS::CertificateManager::Certificate": "Issued at once, unvalidated; the twin shows certificates of its own.",
    "AWS::CloudTrail::Trail": "Stored and described; no call is written down but for what the twin itself remembers.",
    "AWS::CloudWatch::Dashboard": "Stored and described; nothing draws it.",
    "AWS::CloudFront::Distribution": "Its names lead to the notice of the twin; it has no cache and asks no origin.",
    "AWS::CloudFront::Function": "Stored and described; the notice of the twin says what its template says.",
    "AWS::Config::ConfigurationAggregator": _NO_WATCHER,
    "AWS::Config::ConfigurationRecorder": _NO_WATCHER,
    "AWS::Config::ConformancePack": _NO_WATCHER,
    "AWS::Config::DeliveryChannel": _NO_WATCHER,
    "AWS::EC2::EIP": _NO_PACKETS,
    "AWS::EC2::FlowLog": _NO_PACKETS,
    "AWS::EC2::InternetGateway": _NO_PACKETS,
    "AWS::EC2::LaunchTemplate": "Stored and described; no instance is ever launched.",
    "AWS::EC2::NatGateway": _NO_PACKETS,
    "AWS::EC2::Route": _NO_PACKETS,
    "AWS::EC2::RouteTable": _NO_PACKETS,
    "AWS::EC2::SecurityGroup": _NO_PACKETS,
    "AWS::EC2::SecurityGroupEgress": _NO_PACKETS,
    "AWS::EC2::SecurityGroupIngress": _NO_PACKETS,
    "AWS::EC2::Subnet": _NO_PACKETS,
    "AWS::EC2::SubnetRouteTableAssociation": _NO_PACKETS,
    "AWS::EC2::TransitGateway": _NO_PACKETS,
    "AWS::EC2::TransitGatewayRoute": _NO_PACKETS,
    "AWS::EC2::TransitGatewayRouteTable": _NO_PACKETS,
    "AWS::EC2::TransitGatewayRouteTableAssociation": _NO_PACKETS,
    "AWS::EC2::TransitGatewayVpcAttachment": _NO_PACKETS,
    "AWS::EC2::VPC": _NO_PACKETS,
    "AWS::EC2::VPCEndpoint": _NO_PACKETS,
    "AWS::EC2::VPCGatewayAttachment": _NO_PACKETS,
    "AWS::EC2::Volume": _NO_DISK,
    "AWS::EC2::VolumeAttachment": _NO_DISK,
    "AWS::ECR::Repository": "Stored and described; no image is pushed to it or run from it.",
    "AWS::EKS::AccessEntry": _NO_KUBERNETES,
    "AWS::EKS::Addon": _NO_KUBERNETES,
    "AWS::EKS::Cluster": _NO_KUBERNETES,
    "AWS::EKS::Nodegroup": "Its numbers change as they are asked to; there are no nodes behind them.",
    "AWS::EKS::PodIdentityAssociation": _NO_KUBERNETES,
    "AWS::ElastiCache::ParameterGroup": _NO_CACHE,
    "AWS::ElastiCache::ReplicationGroup": _NO_CACHE,
    "AWS::ElastiCache::SubnetGroup": _NO_CACHE,
    "AWS::ElastiCache::User": _NO_CACHE,
    "AWS::ElastiCache::UserGroup": _NO_CACHE,
    "AWS::ElasticLoadBalancingV2::Listener": _NO_BALANCER,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _NO_BALANCER,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _NO_BALANCER,
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Stored and described; it probes no targets.",
    "AWS::GuardDuty::Detector": _NO_WATCHER,
    "AWS::IAM::InstanceProfile": _NO_PERMISSIONS,
    "AWS::IAM::ManagedPolicy": _NO_PERMISSIONS,
    "AWS::IAM::Policy": _NO_PERMISSIONS,
    "AWS::IAM::Role": _NO_PERMISSIONS,
    "AWS::IAM::ServiceLinkedRole": _NO_PERMISSIONS,
    "AWS::IoT::Policy": _NO_NODE,
    "AWS::IoT::RoleAlias": _NO_NODE,
    "AWS::IoT::Thing": _NO_NODE,
    "AWS::IoT::ThingGroup": _NO_NODE,
    "AWS::KMS::Alias": "Stored and described; data at rest are not encrypted with it.",
    "AWS::KMS::Key": "Encrypts what it is asked to; data at rest are not encrypted with it.",
    "AWS::KMS::ReplicaKey": "Stored and described; it is a key of its own.",
    "AWS::Lambda::Permission": _NO_PERMISSIONS,
    "AWS::Logs::ResourcePolicy": _NO_PERMISSIONS,
    "AWS::Macie::CustomDataIdentifier": _NO_WATCHER,
    "AWS::Macie::Session": _NO_WATCHER,
    "AWS::RDS::DBClusterParameterGroup": "Stored and described; the twin's PostgreSQL has settings of its own.",
    "AWS::RDS::DBParameterGroup": "Stored and described; the twin's PostgreSQL has settings of its own.",
    "AWS::RDS::DBSubnetGroup": _NO_PACKETS,
    "AWS::S3::BucketPolicy": _NO_PERMISSIONS,
    "AWS::SNS::TopicPolicy": _NO_PERMISSIONS,
    "AWS::SQS::QueuePolicy": _NO_PERMISSIONS,
    "AWS::SSM::Association": "Stored and described; its document is run on no host.",
    "AWS::SSM::Document": "Stored and described; it is run on no host.",
    "AWS::SecretsManager::RotationSchedule": "Stored and described; no secret is ever rotated.",
    "AWS::SecurityHub::FindingAggregator": _NO_WATCHER,
    "AWS::SecurityHub::Hub": _NO_WATCHER,
    "AWS::SecurityHub::Standard": _NO_WATCHER,
    "AWS::WAFv2::WebACL": "Stored and described; no request passes it.",
    "AWS::WAFv2::WebACLAssociation": "Stored and described; no request passes it.",
    "Custom::AccountSettings": "Stored and described; the twin has one account, and nothing of it can be set.",
}
