// The example's two stacks, element by element, for the two programs beside it.
"use strict";

const { App, Fn, LocalBackend, TerraformLocal, TerraformOutput, TerraformStack } = require("cdktf");

const NAME = "papyrus-production";

const stackOf = (app, id, aws) => {
  const stack = new TerraformStack(app, id);
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new aws.provider.AwsProvider(stack, "aws", {
    region: "ap-northeast-1",
    allowedAccountIds: ["123456789012"],
    defaultTags: [{ tags: { service: "papyrus", environment: "production" } }],
  });
  return stack;
};

module.exports = (outdir, aws, github) => {
  const app = new App({ outdir });
  const account = stackOf(app, "account-main", aws);
  const provider = new aws.iamOpenidConnectProvider.IamOpenidConnectProvider(account, "github_oidc", {
    url: "https://token.actions.githubusercontent.com",
    clientIdList: ["sts.amazonaws.com"],
    lifecycle: { preventDestroy: true },
  });
  new TerraformOutput(account, "oidc_provider_arn", { value: provider.arn });

  const stack = stackOf(app, NAME, aws);
  new github.provider.GithubProvider(stack, "github", { owner: "Nickelth" });
  const encoded = (id) =>
    Fn.jsonencode(
      new TerraformLocal(stack, `${id}_document`, {
        Version: "2012-10-17",
        Statement: Array.from({ length: 8 }, (_, number) => ({
          Sid: `S${number}`,
          Effect: "Allow",
          Action: ["ecs:DescribeServices", "ecs:UpdateService"],
          Resource: [`arn:aws:ecs:ap-northeast-1:123456789012:service/${NAME}/${NAME}`],
        })),
      }).expression,
    );
  const owner = new github.dataGithubUser.DataGithubUser(stack, "owner", { username: "Nickelth" });
  const repository = new github.dataGithubRepository.DataGithubRepository(stack, "repository", {
    fullName: "Nickelth/Papyrus",
  });
  const vpc = new aws.dataAwsVpc.DataAwsVpc(stack, "vpc", { default: true });
  const subnets = new aws.dataAwsSubnets.DataAwsSubnets(stack, "subnets", {
    filter: [{ name: "vpc-id", values: [vpc.id] }],
  });
  const registry = new aws.ecrRepository.EcrRepository(stack, "registry", {
    name: "papyrus",
    imageTagMutability: "MUTABLE",
    encryptionConfiguration: [{ encryptionType: "AES256" }],
    imageScanningConfiguration: { scanOnPush: true },
  });
  new aws.ecrLifecyclePolicy.EcrLifecyclePolicy(stack, "registry_lifecycle", {
    repository: registry.name,
    policy: encoded("lifecycle"),
  });
  const cluster = new aws.ecsCluster.EcsCluster(stack, "cluster", {
    name: NAME,
    setting: [{ name: "containerInsights", value: "enabled" }],
  });
  const logs = new aws.cloudwatchLogGroup.CloudwatchLogGroup(stack, "logs", {
    name: `/ecs/${NAME}`,
    retentionInDays: 30,
  });
  const [execution, application, deploy] = ["execution", "task", "deploy"].map(
    (id) =>
      new aws.iamRole.IamRole(stack, `${id}_role`, {
        name: `${NAME}-${id}`,
        description: `${owner.id} ${repository.repoId}`,
        assumeRolePolicy: encoded(`${id}_trust`),
      }),
  );
  new aws.iamRolePolicy.IamRolePolicy(stack, "deploy_policy", {
    role: deploy.name,
    policy: encoded("deploy"),
  });
  const managed = new aws.iamRolePolicyAttachment.IamRolePolicyAttachment(stack, "managed", {
    role: execution.name,
    policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
  });
  const task = new aws.ecsTaskDefinition.EcsTaskDefinition(stack, "task", {
    family: NAME,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
    executionRoleArn: execution.arn,
    taskRoleArn: application.arn,
    containerDefinitions: encoded(logs.friendlyUniqueId),
    skipDestroy: true,
  });
  const group = new aws.securityGroup.SecurityGroup(stack, "group", { name: NAME, vpcId: vpc.id });
  new aws.vpcSecurityGroupEgressRule.VpcSecurityGroupEgressRule(stack, "egress", {
    securityGroupId: group.id,
    cidrIpv4: "0.0.0.0/0",
    ipProtocol: "-1",
  });
  const service = new aws.ecsService.EcsService(stack, "service", {
    name: NAME,
    cluster: cluster.arn,
    taskDefinition: task.arn,
    desiredCount: 1,
    launchType: "FARGATE",
    networkConfiguration: { subnets: subnets.ids, securityGroups: [group.id], assignPublicIp: true },
    deploymentCircuitBreaker: { enable: true, rollback: true },
    lifecycle: { ignoreChanges: ["task_definition"] },
    dependsOn: [managed],
  });
  const environment = new github.repositoryEnvironment.RepositoryEnvironment(stack, "environment", {
    repository: "Papyrus",
    environment: "production",
    deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
  });
  const where = { repository: "Papyrus", environment: environment.environment };
  const { RepositoryEnvironmentDeploymentPolicy } = github.repositoryEnvironmentDeploymentPolicy;
  new RepositoryEnvironmentDeploymentPolicy(stack, "branch", { ...where, branchPattern: "main" });
  new RepositoryEnvironmentDeploymentPolicy(stack, "tag", { ...where, tagPattern: "v*" });
  const { ActionsEnvironmentVariable } = github.actionsEnvironmentVariable;
  const values = [registry.name, deploy.arn, cluster.name, service.name, task.family, "a", "b", "c"];
  values.forEach((value, number) => {
    const variableName = `V${number}`;
    new ActionsEnvironmentVariable(stack, variableName, { ...where, variableName, value });
  });
  for (const [id, value] of Object.entries({ cluster: cluster.name, service: service.name })) {
    new TerraformOutput(stack, `${id}_name`, { value });
  }
  app.synth();
};
