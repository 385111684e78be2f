"""What AWS and GitHub take, by type of resource and argument. A new limit is a line here.

What botocore's models carry is read from them (``of_model``; ``make limits`` after a new line), the
rest names the page that says it.
"""

from keyless_ecs.stacks.limits.limit import Limit, of_model

_ECS_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference"
_EC2_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
_ELB_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference"
_GITHUB = "https://docs.github.com/en/actions/reference"

_KEYS = "give the service or the environment another key"
_ROLES = (
    "give it another name: trust: {role_name: …}, task: {execution_role_name: …, task_role_name: …}"
)
_LATIN = "the letters U+0020 to U+00FF, those of Western Europe"
_IN_POLICIES = "use a name of those letters"
_ECS_NAME = r"[A-Za-z0-9_-]+"
_ECS_WORDS = "letters, digits, hyphens and underscores"
_GROUP = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*"
_GROUP_WORDS = "letters, digits, spaces and any of ._-:/()#,@[]+=&;{}!$*"
_BALANCER = r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_BALANCER_WORDS = "letters, digits and hyphens, none at the ends, and not internal- first"

LIMITS: tuple[Limit, ...] = (
    of_model("aws_iam_role.name", "iam.CreateRole.RoleName", _ROLES),
    of_model("aws_iam_role.path", "iam.CreateRole.Path", "shorten role_path of the account"),
    of_model("aws_iam_role.description", "iam.CreateRole.Description", _KEYS, words=_LATIN),
    of_model(
        "aws_iam_role.assume_role_policy",
        "iam.CreateRole.AssumeRolePolicyDocument",
        _IN_POLICIES,
        words=_LATIN,
    ),
    of_model(
        "aws_iam_role.permissions_boundary", "iam.CreateRole.PermissionsBoundary", "shorten it"
    ),
    of_model(
        "aws_iam_role.max_session_duration",
        "iam.CreateRole.MaxSessionDuration",
        "set trust: {session_hours: …}",
    ),
    of_model("aws_iam_role_policy.name", "iam.PutRolePolicy.PolicyName", _ROLES),
    of_model(
        "aws_iam_role_policy.policy",
        "iam.PutRolePolicy.PolicyDocument",
        _IN_POLICIES,
        words=_LATIN,
    ),
    of_model("aws_iam_policy.name", "iam.CreatePolicy.PolicyName", _KEYS),
    of_model("aws_iam_policy.policy", "iam.CreatePolicy.PolicyDocument", _IN_POLICIES),
    of_model(
        "aws_iam_role_policy_attachment.policy_arn", "iam.AttachRolePolicy.PolicyArn", "shorten it"
    ),
    of_model(
        "aws_iam_openid_connect_provider.url",
        "iam.CreateOpenIDConnectProvider.Url",
        "use the issuer as GitHub names it",
    ),
    of_model(
        "aws_ecr_repository.name",
        "ecr.CreateRepository.repositoryName",
        "set registry: {name: …}",
        words="lower-case letters and digits with single . _ -, __ or hyphens between them",
    ),
    of_model(
        "aws_ecr_lifecycle_policy.policy",
        "ecr.PutLifecyclePolicy.lifecyclePolicyText",
        "let fewer environments promote from here",
    ),
    of_model(
        "aws_ecr_repository_policy.policy",
        "ecr.SetRepositoryPolicy.policyText",
        "let fewer environments promote from here",
    ),
    of_model(
        "aws_cloudwatch_log_group.name",
        "logs.CreateLogGroup.logGroupName",
        "set logs: {name: …}",
        words="letters, digits and any of _ - / . #",
    ),
    Limit(
        "aws_ecs_cluster.name",
        f"{_ECS_API}/API_CreateCluster.html",
        "set cluster: {name: …}",
        least=1,
        most=255,
        pattern=_ECS_NAME,
        words=_ECS_WORDS,
    ),
    Limit(
        "aws_ecs_service.name",
        f"{_ECS_API}/API_CreateService.html",
        "set service_name",
        least=1,
        most=255,
        pattern=_ECS_NAME,
        words=_ECS_WORDS,
    ),
    Limit(
        "aws_ecs_service.network_configuration.subnets",
        f"{_ECS_API}/API_AwsVpcConfiguration.html",
        "leave some out",
        most=16,
    ),
    Limit(
        "aws_ecs_service.network_configuration.security_groups",
        f"{_ECS_API}/API_AwsVpcConfiguration.html",
        "leave some out",
        most=5,
    ),
    Limit(
        "aws_ecs_task_definition.family",
        f"{_ECS_API}/API_RegisterTaskDefinition.html",
        _KEYS,
        least=1,
        most=255,
        pattern=_ECS_NAME,
        words=_ECS_WORDS,
    ),
    Limit(
        "aws_ecs_task_definition.container_definitions",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
        "let the container read long values from a file or from SSM",
        most=65_536,
        in_bytes=True,
    ),
    Limit(
        "aws_security_group.name",
        f"{_EC2_API}/API_CreateSecurityGroup.html",
        _KEYS,
        least=1,
        most=255,
        pattern=rf"(?!sg-){_GROUP}",
        words=f"{_GROUP_WORDS}, and not sg- first",
    ),
    Limit(
        "aws_security_group.description",
        f"{_EC2_API}/API_CreateSecurityGroup.html",
        _KEYS,
        most=255,
        pattern=_GROUP,
        words=_GROUP_WORDS,
    ),
    *(
        Limit(
            f"aws_vpc_security_group_{direction}_rule.description",
            f"{_EC2_API}/API_IpRange.html",
            _KEYS,
            most=255,
            pattern=_GROUP,
            words=_GROUP_WORDS,
        )
        for direction in ("ingress", "egress")
    ),
    Limit(
        "aws_lb.name",
        f"{_ELB_API}/API_CreateLoadBalancer.html",
        _KEYS,
        least=1,
        most=32,
        pattern=_BALANCER,
        words=_BALANCER_WORDS,
    ),
    Limit(
        "aws_lb_target_group.name",
        f"{_ELB_API}/API_CreateTargetGroup.html",
        _KEYS,
        least=1,
        most=32,
        pattern=r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
        words="letters, digits and hyphens, none at the ends",
    ),
    of_model(
        "aws_lb_target_group.health_check.path",
        "elbv2.CreateTargetGroup.HealthCheckPath",
        "shorten it",
    ),
    of_model(
        "aws_lb_target_group.health_check.interval",
        "elbv2.CreateTargetGroup.HealthCheckIntervalSeconds",
        "set another",
    ),
    of_model(
        "aws_lb_target_group.health_check.timeout",
        "elbv2.CreateTargetGroup.HealthCheckTimeoutSeconds",
        "set another",
    ),
    Limit(
        "aws_lb_listener_rule.priority",
        f"{_ELB_API}/API_CreateRule.html",
        "set another",
        least=1,
        most=50_000,
    ),
    of_model(
        "aws_acm_certificate.domain_name", "acm.RequestCertificate.DomainName", "use a domain name"
    ),
    Limit(
        "aws_acm_certificate.domain_name",
        "https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html",
        "shorten the name, or bring a certificate that has it beside a shorter one: "
        "domain: {certificate: <ARN>}",
        most=64,
    ),
    of_model(
        "aws_cloudwatch_metric_alarm.alarm_name", "cloudwatch.PutMetricAlarm.AlarmName", _KEYS
    ),
    of_model(
        "aws_cloudwatch_metric_alarm.alarm_description",
        "cloudwatch.PutMetricAlarm.AlarmDescription",
        _KEYS,
    ),
    of_model(
        "aws_cloudwatch_metric_alarm.alarm_actions",
        "cloudwatch.PutMetricAlarm.AlarmActions",
        "name fewer",
    ),
    of_model("aws_scheduler_schedule.name", "scheduler.CreateSchedule.Name", _KEYS),
    of_model("aws_cloudwatch_event_rule.name", "events.PutRule.Name", _KEYS),
    Limit(
        "aws_sns_topic.name",
        "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
        "give the account another key",
        least=1,
        most=256,
        pattern=r"[A-Za-z0-9_-]+",
        words=_ECS_WORDS,
    ),
    Limit(
        "github_repository_environment.environment",
        "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/"
        "manage-environments",
        "set github: {name: …}",
        least=1,
        most=255,
    ),
    Limit(
        "github_repository_environment.wait_timer",
        f"{_GITHUB}/workflows-and-actions/deployments-and-environments",
        "wait shorter",
        most=43_200,
    ),
    Limit(
        "github_repository_ruleset.name",
        "https://registry.terraform.io/providers/integrations/github/latest/docs/resources/"
        "repository_ruleset",
        _KEYS,
        least=1,
        most=100,
    ),
    *(
        Limit(
            f"github_actions_{scope}variable.value",
            f"{_GITHUB}/workflows-and-actions/variables",
            "shorten it",
            most=48 * 1024,
            in_bytes=True,
        )
        for scope in ("", "environment_")
    ),
    *(
        Limit(
            f"github_actions_{scope}secret.plaintext_value",
            f"{_GITHUB}/security/secrets",
            "shorten it",
            most=48 * 1024,
            in_bytes=True,
        )
        for scope in ("", "environment_")
    ),
)
